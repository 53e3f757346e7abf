"""One project with a release in every state, each on a target of its own, and a caller of every
kind. Rows are made in the state they are wanted in; nothing walked there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from approvals.models import ApprovalInboxItem, ItemStatus
from config.core.models import User
from config.core.roles import NAMES
from config.core.secrets import Secret
from deployments.models import DeploymentTarget, Release
from tests.callers import Answer, Api
from tests.deployments.lifecycle_table import STATES, UNRUN
from tests.factories.approvals import PolicyFactory, overdue, ticket
from tests.factories.core import AdminFactory, ProjectFactory, member
from tests.factories.deployments import (
    ReleaseFactory,
    RevisionFactory,
    ServiceFactory,
    TargetFactory,
)
from tests.factories.environments import EnvironmentFactory

NOTHING_RUNS = hashlib.sha256(b"null").hexdigest()  # the recording runtime's fingerprint of that
RELEASES = "/deploy/releases"


class World:
    """`releases`: {state: a release that waits for approvals}; `free`: the same where nobody is
    asked."""

    def __init__(self) -> None:
        self.project = ProjectFactory.make()
        self.callers = self._callers()
        self.production = EnvironmentFactory.make(project=self.project, tier="production")
        self.development = EnvironmentFactory.make(project=self.project, tier="development")
        PolicyFactory.make(project=self.project, tier="production", action="apply")
        PolicyFactory.make(project=self.project, tier="production", action="rollback")
        self.releases = {state: self._release(state, self.production) for state in STATES}
        self.free = {state: self._release(state, self.development) for state in STATES}

    def _callers(self) -> dict[str, Api]:
        people: dict[str, User | None] = {role: member(self.project, role) for role in NAMES}
        inactive = member(self.project, "project_admin")
        inactive.is_active = False
        inactive.save()
        self.requester = member(self.project, "project_admin")
        people |= {
            "anonymous": None,
            "inactive": inactive,
            "none": member(ProjectFactory.make(), "project_admin"),
            "admin": AdminFactory.make(),
            "requester": self.requester,
        }
        return {name: Api(person) for name, person in people.items()}

    def _release(self, state: str, environment: Any) -> Release:
        target = TargetFactory.make(environment=environment)
        service = ServiceFactory.make(project=self.project)
        revision = RevisionFactory.make(service=service)
        common = {"target": target, "service": service, "revision": revision}
        before = ReleaseFactory.make(status="applied", applied_at=_long_ago(), **common)
        ran = state in ("applying", "applied", "failed", "rollback")
        release = ReleaseFactory.make(
            status="failed" if state == UNRUN else state,
            previous=before,
            base_release=before,
            fingerprint=NOTHING_RUNS,
            previewed_by=self.requester,
            start_after=timezone.now() if ran or state == "approved" else None,
            started_at=timezone.now() if ran else None,
            applied_at=timezone.now() if state in ("applied", "rollback") else None,
            **common,
        )
        if state == "applying":  # and its worker is gone
            DeploymentTarget.objects.filter(pk=target.pk).update(
                active_release=release, active_since=timezone.now()
            )
        if state != "preview":
            self._ticket(release, state)
        return release

    def _ticket(self, release: Release, state: str) -> None:
        item = ticket(
            self.project,
            requester=self.requester,
            subject_type="release",
            subject_id=release.pk,
            content_hash=release.context_hash,
            correlation_id=release.correlation_id,
            environment_id=release.environment_id,
            target_id=release.target_id,
            involved=[self.requester],
        )
        if state != "pending_approval":
            item.status = ItemStatus.REJECTED if state == UNRUN else ItemStatus.APPROVED
            item.save()
        release.approval_ticket = item.ticket
        release.save(update_fields=["approval_ticket"])

    def path(self, release: Release, verb: str) -> str:
        return f"/approvals/inbox/{release.approval_ticket or 'APR-999999'}/{verb}"


def _long_ago() -> datetime:
    return timezone.now() - timedelta(days=1)


Call = Callable[[World, Api, Release], Answer]


def apply(_: World, caller: Api, release: Release) -> Answer:
    return caller.post(f"{RELEASES}/apply", {"preview_ref": release.preview_ref})


def preview(_: World, caller: Api, release: Release) -> Answer:
    body = {"service_id": release.service_id, "target_id": release.target_id}
    return caller.post(f"{RELEASES}/preview", body)


def rollback(*, dry_run: bool) -> Call:
    body = {"reason": "It hurts", "dry_run": dry_run}
    return lambda _, caller, release: caller.post(f"{RELEASES}/{release.pk}/rollback", body)


def on_ticket(verb: str, **body: Any) -> Call:
    return lambda world, caller, release: caller.post(world.path(release, verb), body)


def too_late(release: Release) -> None:
    release.preview_expires_at = timezone.now() - timedelta(seconds=1)
    release.save()


def moved(release: Release) -> None:
    """Another release of its service was applied to its target since."""
    applied_since(release, service=release.service, revision=release.revision)


def moved_by_others(release: Release) -> None:
    """Another service's release was."""
    applied_since(release)


def applied_since(release: Release, **fields: Any) -> None:
    other = ReleaseFactory.make(
        status="applied", applied_at=timezone.now(), target=release.target, **fields
    )
    DeploymentTarget.objects.filter(pk=release.target_id).update(last_release=other)


def tampered(release: Release) -> None:
    """Somebody changed a byte of what is to be applied, behind everybody's back."""
    release.content = Secret('{"services": {"other": {}}}')
    release.save(update_fields=["content"])


def taken(release: Release) -> None:
    """Another release runs on its target, unless it holds that itself."""
    other = ReleaseFactory.make(status="applying", target=release.target)
    DeploymentTarget.objects.filter(pk=release.target_id, active_release=None).update(
        active_release=other, active_since=timezone.now()
    )


def ticket_too_late(release: Release) -> None:
    for item in ApprovalInboxItem.objects.filter(subject_id=release.pk):
        overdue(item)


def not_before_an_hour(release: Release) -> None:
    release.start_after = timezone.now() + timedelta(hours=1)
    release.save()


# {event of the table: (what happened before, the call)}
CALLED: dict[str, tuple[Callable[[Release], None] | None, Call]] = {
    "preview": (None, preview),
    "apply": (None, apply),
    "apply where nobody is asked": (None, apply),
    "apply too late": (too_late, apply),
    "apply on a target that moved": (moved, apply),
    "apply where another service was released": (moved_by_others, apply),
    "apply on a target that is taken": (taken, apply),
    "cancel": (
        None,
        lambda _, caller, release: caller.post(f"{RELEASES}/{release.pk}/cancel"),
    ),
    "dry run of a rollback": (None, rollback(dry_run=True)),
    "rollback": (None, rollback(dry_run=False)),
    "approve": (None, on_ticket("approve")),
    "approve too late": (ticket_too_late, on_ticket("approve")),
    "approve on a target that moved": (moved, on_ticket("approve")),
    "approve where another service was released": (moved_by_others, on_ticket("approve")),
    "approve what was tampered with": (tampered, on_ticket("approve")),
    "break the glass": (None, on_ticket("break-glass", reason="Outage")),
    "reject": (None, on_ticket("reject", comment="No")),
    "withdraw": (None, on_ticket("cancel")),
    "claim": (None, on_ticket("claim")),
    "comment": (None, on_ticket("comment", comment="Why?")),
}
