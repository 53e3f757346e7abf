"""Environments, and hosts in them that nobody has reached yet."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from config.core.models import User
from config.core.secrets import Secret
from environments.models import (
    Bastion,
    Environment,
    EnvironmentNode,
    InstallPreview,
    SSHCredential,
    TaskKind,
)
from environments.pinning import context_hash, identity
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


class BastionFactory(ModelFactory[Bastion]):
    class Meta:
        model = Bastion

    project = made(ProjectFactory.make)
    name = numbered("bastion-")
    host = of(lambda bastion: f"{bastion.name}.example.net")
    credential = of(lambda bastion: CredentialFactory.make(project=bastion.project))


class NodeFactory(ModelFactory[EnvironmentNode]):
    class Meta:
        model = EnvironmentNode

    environment = made(EnvironmentFactory.make)
    name = numbered("node-")
    host = of(lambda node: f"{node.name}.example.net")
    role = "compose"
    credential = of(lambda node: CredentialFactory.make(project=node.environment.project))


def preview_of(
    environment: Environment, user: User, kind: TaskKind = TaskKind.INSTALL
) -> InstallPreview:
    """Of a bundle without steps, for the hosts that the environment has now."""
    nodes = [{**identity(vars(node)), "facts": node.facts} for node in environment.nodes.all()]
    plan = {"nodes": nodes, "steps": [], "artifacts": [], "warnings": [], "content_digest": ""}
    return InstallPreview.objects.create(
        environment=environment,
        kind=kind,
        bundle="runtime",
        version="1",
        plan=plan,
        risk={"level": "low", "reasons": ["Runs as root on 1 host"]},
        context_hash=context_hash(plan),
        expires_at=timezone.now() + timedelta(minutes=30),
        previewed_by=user,
    )
