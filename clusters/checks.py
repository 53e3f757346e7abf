"""Clusters asked how they are, and what came of it kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from django.db import transaction
from django.utils import timezone

from clusters import probe
from clusters.access import kube_with, login_with
from clusters.models import Cluster, ClusterConnection, ClusterStatus
from clusters.probe import Findings, Permission
from config.core import timeline
from config.core.errors import ClusterUnauthorized
from config.core.timeline import Actor

# What a check changes of a cluster's row.
FIELDS: Final = ("version", "status", "reason_code", "last_checked_at")


@dataclass(frozen=True)
class Checked:
    """`reason_code`, `hint`: empty where all is well; the rest is empty where it isn't."""

    ok: bool
    version: str = ""
    latency_ms: int | None = None
    nodes: int | None = None
    permissions: list[Permission] = field(default_factory=list)
    reason_code: str = ""
    hint: str = ""


def findings(connection: ClusterConnection) -> Findings:
    """Of a connection that need not be stored. Raises one of probe.FAILURES, with a `hint`."""
    try:
        with kube_with(login_with(connection), read_seconds=probe.READ_SECONDS) as kube:
            return probe.look(kube)
    except probe.FAILURES as error:
        raise probe.hinted(error) from None


def check(cluster: Cluster, *, actor: Actor) -> Checked:
    """Asks with the active connection. What is wrong over there is answered, never raised."""
    connection = cluster.connections.filter(active=True).first()
    try:
        if connection is None:
            raise probe.hinted(ClusterUnauthorized("No credential is stored for this cluster."))
        checked = Checked(ok=True, **vars(findings(connection)))
    except probe.FAILURES as error:
        checked = Checked(ok=False, reason_code=error.code, hint=error.data["hint"])
    _keep(cluster, connection, checked, actor=actor)
    return checked


def _keep(
    cluster: Cluster, connection: ClusterConnection | None, checked: Checked, *, actor: Actor
) -> None:
    """Unless the cluster got another credential while this one was asked with."""
    cluster.last_checked_at = timezone.now()
    cluster.reason_code = checked.reason_code
    if checked.ok:
        cluster.status, cluster.version = ClusterStatus.READY, checked.version
    elif checked.reason_code == ClusterUnauthorized.code:
        cluster.status = ClusterStatus.UNAUTHORIZED
    else:
        cluster.status = ClusterStatus.UNREACHABLE
    rows = Cluster.objects.filter(pk=cluster.pk)
    if connection:
        active = ClusterConnection.objects.filter(pk=connection.pk, active=True)
        rows = rows.filter(pk__in=active.values("cluster"))
    with transaction.atomic():
        if rows.update(**{name: getattr(cluster, name) for name in FIELDS}):
            detail = {
                "ok": checked.ok,
                "version": checked.version,
                "latency_ms": checked.latency_ms,
                "nodes": checked.nodes,
                "reason_code": checked.reason_code,
            }
            timeline.record(
                "cluster.tested", cluster, actor=actor, status=cluster.status, detail=detail
            )
