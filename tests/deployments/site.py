"""One service with one target, and the few calls that most tests about releases make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from approvals.models import ApprovalInboxItem
from config.core.models import Project, User
from deployments import run
from deployments.models import DeploymentTarget, Release, Service, ServiceRevision
from tests.callers import Api
from tests.factories.core import member
from tests.factories.deployments import RevisionFactory, ServiceFactory, TargetFactory
from tests.factories.environments import EnvironmentFactory


@dataclass
class Site:
    """In an environment of `tier`; every call is an engineer's, over the API."""

    tier: str = "development"
    target: DeploymentTarget = field(init=False)
    service: Service = field(init=False)
    engineer: User = field(init=False)

    def __post_init__(self) -> None:
        environment = EnvironmentFactory.make(tier=self.tier)
        self.target = TargetFactory.make(environment=environment)
        self.service = ServiceFactory.make(project=environment.project)
        RevisionFactory.make(service=self.service)
        self.engineer = member(environment.project, "engineer")
        self.api = Api(self.engineer)

    @property
    def project(self) -> Project:
        return self.target.project

    def revision(self, **fields: Any) -> ServiceRevision:
        return RevisionFactory.make(service=self.service, **fields)

    def preview(self, **parameters: Any) -> dict[str, Any]:
        body = {"service_id": self.service.pk, "target_id": self.target.pk, **parameters}
        made: dict[str, Any] = self.api.post("/deploy/releases/preview", body).ok(201)
        return made

    def apply(self, preview: dict[str, Any]) -> Release:
        """Sent, not yet run."""
        body = {"preview_ref": preview["preview_ref"]}
        sent = self.api.post("/deploy/releases/apply", body).ok(202)
        return Release.objects.get(pk=sent["release_id"])

    def deploy(self, **parameters: Any) -> Release:
        """Previewed, applied, and run to its end."""
        return self.run(self.apply(self.preview(**parameters)))

    def run(self, release: Release) -> Release:
        run.run(release.pk)
        release.refresh_from_db()
        return release

    def rollback(self, release: Release, **fields: Any) -> Release:
        """Sent, and run to its end."""
        body = {"reason": "It hurts", **fields}
        sent = self.api.post(f"/deploy/releases/{release.pk}/rollback", body).ok(202)
        return self.run(Release.objects.get(pk=sent["release_id"]))

    def ticket(self, release: Release) -> ApprovalInboxItem:
        return ApprovalInboxItem.objects.get(subject_type="release", subject_id=release.pk)

    def state(self, release: Release) -> str:
        state: str = self.api.get(f"/deploy/releases/{release.pk}").ok()["lifecycle_state"]
        return state
