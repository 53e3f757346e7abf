"""Permissions and the roles that name sets of them (contract, "Permissions")."""

from typing import Final

from django_stubs_ext import StrOrPromise

READ: Final = ("release_read", "approval_read", "environment_read", "cluster_read")
RELEASE: Final = ("release_apply", "release_rollback")
MANAGE: Final = ("environment_manage", "environment_install", "cluster_manage", "project_manage")
REVIEW: Final = ("release_approve", "approval_review")
# Goes past approvals: not even a project's admin has it, nor gives it.
EMERGENCY: Final = ("approval_break_glass",)
_EVERYDAY: Final = (*READ, *RELEASE, *REVIEW, *MANAGE)
PERMISSIONS: Final = (*_EVERYDAY, *EMERGENCY)

ROLES: Final[dict[str, frozenset[str]]] = {
    "viewer": frozenset(READ),
    "engineer": frozenset((*READ, *RELEASE, "environment_install")),
    "approver": frozenset((*READ, *REVIEW)),
    "release_bot": frozenset((*READ, *RELEASE)),
    "project_admin": frozenset(_EVERYDAY),
    "break_glass": frozenset((*READ, *EMERGENCY)),
}
NAMES: Final = tuple(ROLES)
EMERGENCY_ROLES: Final = ("break_glass",)

# What a role can be given on besides whole projects.
PARTS_OF_PROJECTS: Final = ("environments.Environment", "deployments.DeploymentTarget")

# For the `permissions` of each model that roles are given on.
MODEL_PERMISSIONS: Final[list[tuple[str, StrOrPromise]]] = [
    (name, name.replace("_", " ").capitalize()) for name in PERMISSIONS
]
