"""One project with one of everything in it, and a caller of every kind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from config.core.models import APIToken, RoleGrant, User
from config.core.roles import NAMES
from deployments.models import Release, ReleaseStep
from environments.models import EnvironmentInstallTask, InstallPreview, InstallStep
from tests.factories.approvals import FreezeFactory, PolicyFactory, ticket
from tests.factories.clusters import connected
from tests.factories.core import (
    AdminFactory,
    ProjectFactory,
    UserFactory,
    acting,
    member,
    token_for,
)
from tests.factories.deployments import (
    ReleaseFactory,
    RevisionFactory,
    ServiceFactory,
    TargetFactory,
)
from tests.factories.environments import (
    BastionFactory,
    CredentialFactory,
    EnvironmentFactory,
    NodeFactory,
)
from tests.factories.notifications import ChannelFactory

CALLERS = ("anonymous", "inactive", "none", *NAMES, "admin")


class World:
    """`ids`: what the paths of the table name."""

    def __init__(self) -> None:
        self.project = ProjectFactory.make()
        self.callers: dict[str, User | None] = {role: member(self.project, role) for role in NAMES}
        admin = AdminFactory.make()
        inactive = member(self.project, "project_admin")
        inactive.is_active = False
        inactive.save()
        self.callers |= {
            "anonymous": None,
            "inactive": inactive,
            "none": member(ProjectFactory.make(), "project_admin"),
            "admin": admin,
        }
        self.newcomer = UserFactory.make()
        self.reviewer = member(self.project, "approver")
        self.environment = EnvironmentFactory.make(project=self.project)
        self.credential = CredentialFactory.make(project=self.project)
        # Nothing listens there: whoever gets as far as connecting is told so.
        self.node = NodeFactory.make(
            environment=self.environment, credential=self.credential, host="127.0.0.1", port=1
        )
        self.bastion = BastionFactory.make(
            project=self.project, credential=self.credential, host="127.0.0.1", port=1
        )
        self.cluster = connected(project=self.project)  # nothing listens there either
        self.service = ServiceFactory.make(project=self.project)
        self.revision = RevisionFactory.make(service=self.service)
        self.target = TargetFactory.make(environment=self.environment)
        self.policy = PolicyFactory.make(project=self.project)
        # What the callers start is in another tier.
        self.freeze = FreezeFactory.make(project=self.project, tier="staging")
        token_for(admin)
        engineer = self.callers["engineer"]
        assert engineer is not None
        self.channel = ChannelFactory.make(project=self.project)
        self.ticket = ticket(self.project, requester=engineer)
        self._releases()
        self._install(admin)
        self.ids: dict[str, Any] = {
            "project": self.project.pk,
            "channel": self.channel.pk,
            "grant": RoleGrant.objects.filter(user=engineer).get().pk,
            "token": APIToken.objects.get().pk,
            "ticket": self.ticket.ticket,
            "policy": self.policy.pk,
            "freeze": self.freeze.pk,
            "environment": self.environment.pk,
            "node": self.node.pk,
            "bastion": self.bastion.pk,
            "task": self.task.pk,
            "cluster": self.cluster.pk,
            "service": self.service.pk,
            "target": self.target.pk,
            "release": self.applied.pk,
            "approved": self.approved.pk,
        }

    def _releases(self) -> None:
        common = {"target": self.target, "service": self.service, "revision": self.revision}
        before = ReleaseFactory.make(status="rollback", **common)
        self.applied: Release = ReleaseFactory.make(
            status="applied",
            previous=before,
            started_at=timezone.now(),
            finished_at=timezone.now(),
            diagnostics_json={"schema": 1},
            **common,
        )
        ReleaseStep.objects.create(
            run=self.applied, node=self.node, index=0, phase="stage", hook="stage"
        )
        self.approved: Release = ReleaseFactory.make(status="approved", **common)
        self.previewed: Release = ReleaseFactory.make(previous=self.applied, **common)

    def _install(self, user: User) -> None:
        self.preview = InstallPreview.objects.create(
            environment=self.environment,
            bundle="runtime",
            version="1",
            plan={"nodes": [], "steps": [], "artifacts": [], "warnings": []},
            risk={"level": "low", "reasons": []},
            context_hash="0" * 64,
            expires_at=timezone.now() + timedelta(minutes=30),
            previewed_by=user,
        )
        self.task = EnvironmentInstallTask.objects.create(
            environment=self.environment,
            project=self.project,
            preview=self.preview,
            bundle="runtime",
            version="1",
            status="succeeded",
            requested_by=user,
            source=acting(user).source,
            started_at=timezone.now(),
        )
        self.step = InstallStep.objects.create(
            run=self.task, node=self.node, index=0, phase="a", hook="a", timeout=1
        )
