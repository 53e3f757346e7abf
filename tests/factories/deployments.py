"""Services with a revision, targets, and releases in any state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from config.core.models import Source
from config.core.secrets import Secret
from deployments.models import DeploymentTarget, Release, Service, ServiceRevision
from deployments.pinning import context_hash
from tests.factories.base import ModelFactory, made, numbered, of, same_as
from tests.factories.core import ProjectFactory, UserFactory
from tests.factories.environments import EnvironmentFactory

MANIFEST = """\
services:
  web:
    image: registry.example.net/web:${TAG:-1}
    environment: {GREETING: "${GREETING:-hello}"}
"""


class ServiceFactory(ModelFactory[Service]):
    class Meta:
        model = Service

    project = made(ProjectFactory.make)
    name = numbered("service-")
    runtime_type = "compose"


class RevisionFactory(ModelFactory[ServiceRevision]):
    class Meta:
        model = ServiceRevision

    service = made(ServiceFactory.make)
    number = of(lambda revision: revision.service.revisions.count() + 1)
    manifest = MANIFEST
    created_by = made(UserFactory.make)


class TargetFactory(ModelFactory[DeploymentTarget]):
    class Meta:
        model = DeploymentTarget

    environment = made(EnvironmentFactory.make)
    project = same_as("environment.project")
    name = numbered("target-")
    runtime_type = "compose"


class ReleaseFactory(ModelFactory[Release]):
    """A row in the state `status`, as if it had come there, under the digest of what it holds."""

    @classmethod
    def _create(cls, model_class: type[Release], *_: Any, **fields: Any) -> Release:
        release = model_class(**fields)
        if release.content:  # what is not of the older system
            release.context_hash = release.context_hash or context_hash(release)
        release.save()
        return release

    class Meta:
        model = Release

    status = "preview"
    target = made(TargetFactory.make)
    project = same_as("target.project")
    environment = same_as("target.environment")
    service = of(lambda row: ServiceFactory.make(project=row.target.project))
    revision = of(lambda row: RevisionFactory.make(service=row.service))
    runtime_type = "compose"
    content = Secret('{"services": {}}')
    given = Secret("{}")
    preview_expires_at = made(lambda: timezone.now() + timedelta(minutes=30))
    risk = {"level": "low", "reasons": []}
    diff = {"summary": {"create": 0, "update": 0, "delete": 0, "unchanged": 0}, "resources": []}
    previewed_by = made(UserFactory.make)
    requested_by = same_as("previewed_by")
    source = Source.API
