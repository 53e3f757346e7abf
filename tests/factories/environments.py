"""Environments, and hosts in them that nobody has reached yet."""

from __future__ import annotations

from config.core.secrets import Secret
from environments.models import Environment, EnvironmentNode, SSHCredential
from tests.factories.base import ModelFactory, made, numbered, of
from tests.factories.core import ProjectFactory


class EnvironmentFactory(ModelFactory[Environment]):
    class Meta:
        model = Environment

    project = made(ProjectFactory.make)
    name = numbered("environment-")
    tier = "development"
    runtime_type = "compose"
    status = "ready"


class CredentialFactory(ModelFactory[SSHCredential]):
    class Meta:
        model = SSHCredential

    project = made(ProjectFactory.make)
    name = numbered("credential-")
    kind = "password"
    password = Secret("not-a-real-password")


class NodeFactory(ModelFactory[EnvironmentNode]):
    class Meta:
        model = EnvironmentNode

    environment = made(EnvironmentFactory.make)
    name = numbered("node-")
    host = of(lambda node: f"{node.name}.example.net")
    role = "compose"
    credential = of(lambda node: CredentialFactory.make(project=node.environment.project))
