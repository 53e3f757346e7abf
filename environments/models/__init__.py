"""Environments, their hosts, and what is installed on them."""

from environments.models.environment import (
    Environment,
    EnvironmentGroupObjectPermission,
    EnvironmentStatus,
    EnvironmentUserObjectPermission,
    RuntimeType,
)
from environments.models.hosts import (
    Bastion,
    CredentialKind,
    EnvironmentNode,
    NodeRole,
    SSHCredential,
)
from environments.models.installs import (
    LIVE,
    EnvironmentArtifact,
    EnvironmentInstallTask,
    InstallPreview,
    TaskKind,
    TaskStatus,
    new_preview_ref,
)
from environments.models.steps import (
    EnvironmentInstallLog,
    HostStep,
    InstallFact,
    InstallStep,
    StepStatus,
)

__all__ = [
    "LIVE",
    "Bastion",
    "CredentialKind",
    "Environment",
    "EnvironmentArtifact",
    "EnvironmentGroupObjectPermission",
    "EnvironmentInstallLog",
    "EnvironmentInstallTask",
    "EnvironmentNode",
    "EnvironmentStatus",
    "EnvironmentUserObjectPermission",
    "HostStep",
    "InstallFact",
    "InstallPreview",
    "InstallStep",
    "NodeRole",
    "RuntimeType",
    "SSHCredential",
    "StepStatus",
    "TaskKind",
    "TaskStatus",
    "new_preview_ref",
]
