"""Writes of what can be released, and where to."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction

from clusters.models import Cluster
from config.core.errors import InvalidTransition, ValidationFailed
from config.core.models import Project
from config.core.permissions import require
from config.core.secrets import Secret
from config.core.timeline import Actor
from deployments import rendering
from deployments.models import DeploymentTarget, Service, ServiceRevision
from environments.models import Environment, RuntimeType

M = TypeVar("M", bound=models.Model)


def create_service(*, actor: Actor, project: Project, **fields: Any) -> Service:
    require(actor.person, "release_apply", project)
    return Service.objects.create(project=project, **fields)


def update_service(service: Service, *, actor: Actor, **fields: Any) -> Service:
    require(actor.person, "release_apply", service)
    return _update(service, fields)


def archive_service(service: Service, *, actor: Actor) -> None:
    """Its releases stay on the record; it takes no new ones."""
    require(actor.person, "project_manage", service)
    _update(service, {"archived": True})


def create_revision(
    service: Service,
    *,
    actor: Actor,
    manifest: str,
    variables: dict[str, dict[str, Any]],
    note: str,
) -> ServiceRevision:
    """The next revision. Raises `manifest_invalid` for text that could never be released."""
    require(actor.person, "release_apply", service)
    rendering.parse(manifest)
    declared, secret_defaults = _split_secrets(variables)
    for _ in range(5):
        last = service.revisions.aggregate(last=models.Max("number"))["last"] or 0
        try:
            with transaction.atomic():
                return ServiceRevision.objects.create(
                    service=service,
                    number=last + 1,
                    manifest=manifest,
                    variables=declared,
                    secret_defaults=Secret(json.dumps(secret_defaults) if secret_defaults else ""),
                    note=note,
                    created_by=actor.person,
                )
        except IntegrityError:
            continue  # somebody else took the number
    raise InvalidTransition(
        "Many revisions are being made; try again.", **{"from": last, "to": last + 1}
    )


def _split_secrets(
    variables: dict[str, dict[str, Any]],
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Secrets' defaults apart from what may be shown."""
    declared, defaults = {}, {}
    for name, spec in variables.items():
        declared[name] = dict(spec)
        if spec.get("secret") and spec.get("default") is not None:
            defaults[name] = str(declared[name].pop("default"))
    return declared, defaults


def create_target(
    *,
    actor: Actor,
    project: Project,
    environment: Environment,
    runtime_type: str,
    cluster: Cluster | None = None,
    namespace: str = "",
    **fields: Any,
) -> DeploymentTarget:
    """A place for releases; on Kubernetes, one namespace of one cluster of the project."""
    require(actor.person, "environment_manage", environment)
    problems = {}
    if environment.project_id != project.pk:
        problems["environment_id"] = ["No such environment in this project."]
    if runtime_type != environment.runtime_type:
        problems["runtime_type"] = [f"The environment's is {environment.runtime_type}."]
    if runtime_type == RuntimeType.K8S:
        if cluster is None or cluster.project_id != project.pk:
            problems["cluster_id"] = ["A Kubernetes target needs a cluster of its project."]
        if not namespace:
            problems["namespace"] = ["A Kubernetes target needs a namespace."]
        elif cluster and _is_taken(cluster, namespace):
            text = "Another target releases there, under approvals of its own."
            problems["namespace"] = [text]
    elif cluster or namespace:
        problems["cluster_id" if cluster else "namespace"] = ["Only for Kubernetes targets."]
    if problems:
        raise ValidationFailed(fields=problems)
    return DeploymentTarget.objects.create(
        project=project,
        environment=environment,
        runtime_type=runtime_type,
        cluster=cluster,
        namespace=namespace,
        **fields,
    )


def _is_taken(cluster: Cluster, namespace: str) -> bool:
    """Whether another target has the place, under whatever name its cluster was imported."""
    there = DeploymentTarget.objects.filter(cluster__endpoint=cluster.endpoint, archived=False)
    return there.filter(namespace=namespace).exists()


def update_target(target: DeploymentTarget, *, actor: Actor, **fields: Any) -> DeploymentTarget:
    require(actor.person, "environment_manage", target)
    return _update(target, fields)


def archive_target(target: DeploymentTarget, *, actor: Actor) -> None:
    require(actor.person, "environment_manage", target)
    _update(target, {"archived": True})


def _update(row: M, fields: dict[str, Any]) -> M:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))
    return row
