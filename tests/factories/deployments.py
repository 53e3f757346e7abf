"""Services with a revision, targets, and releases in any state."""

from __future__ import annotations

from datetime import timedelta

import factory
from django.utils import timezone

from config.core.models import Source
from config.core.secrets import Secret
from deployments.models import DeploymentTarget, Release, Service, ServiceRevision
from tests.factories.base import ModelFactory
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

    project = factory.LazyFunction(ProjectFactory.make)
    name = factory.Sequence(lambda n: f"service-{n}")
    runtime_type = "compose"


class RevisionFactory(ModelFactory[ServiceRevision]):
    class Meta:
        model = ServiceRevision

    service = factory.LazyFunction(ServiceFactory.make)
    number = factory.LazyAttribute(lambda revision: revision.service.revisions.count() + 1)
    manifest = MANIFEST
    created_by = factory.LazyFunction(UserFactory.make)


class TargetFactory(ModelFactory[DeploymentTarget]):
    class Meta:
        model = DeploymentTarget

    environment = factory.LazyFunction(EnvironmentFactory.make)
    project = factory.SelfAttribute("environment.project")
    name = factory.Sequence(lambda n: f"target-{n}")
    runtime_type = "compose"


class ReleaseFactory(ModelFactory[Release]):
    """A row in the state `status`, as if it had come there."""

    class Meta:
        model = Release

    status = "preview"
    target = factory.LazyFunction(TargetFactory.make)
    project = factory.SelfAttribute("target.project")
    environment = factory.SelfAttribute("target.environment")
    service = factory.LazyAttribute(lambda row: ServiceFactory.make(project=row.target.project))
    revision = factory.LazyAttribute(lambda row: RevisionFactory.make(service=row.service))
    runtime_type = "compose"
    content = Secret('{"services": {}}')
    given = Secret("{}")
    context_hash = "0" * 64
    preview_expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(minutes=30))
    risk = {"level": "low", "reasons": []}
    diff = {"summary": {"create": 0, "update": 0, "delete": 0, "unchanged": 0}, "resources": []}
    previewed_by = factory.LazyFunction(UserFactory.make)
    requested_by = factory.SelfAttribute("previewed_by")
    source = Source.API
