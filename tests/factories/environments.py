"""Environments, and hosts in them that nobody has reached yet."""

from __future__ import annotations

import factory

from config.core.secrets import Secret
from environments.models import Environment, EnvironmentNode, SSHCredential
from tests.factories.base import ModelFactory
from tests.factories.core import ProjectFactory


class EnvironmentFactory(ModelFactory[Environment]):
    class Meta:
        model = Environment

    project = factory.LazyFunction(ProjectFactory.make)
    name = factory.Sequence(lambda n: f"environment-{n}")
    tier = "development"
    runtime_type = "compose"
    status = "ready"


class CredentialFactory(ModelFactory[SSHCredential]):
    class Meta:
        model = SSHCredential

    project = factory.LazyFunction(ProjectFactory.make)
    name = factory.Sequence(lambda n: f"credential-{n}")
    kind = "password"
    password = Secret("not-a-real-password")


class NodeFactory(ModelFactory[EnvironmentNode]):
    class Meta:
        model = EnvironmentNode

    environment = factory.LazyFunction(EnvironmentFactory.make)
    name = factory.Sequence(lambda n: f"node-{n}")
    host = factory.Sequence(lambda n: f"node-{n}.example.net")
    role = "compose"
    credential = factory.LazyAttribute(
        lambda node: CredentialFactory.make(project=node.environment.project)
    )
