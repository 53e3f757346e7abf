"""Writes of clusters: imported, checked, given new credentials, deleted."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from clusters import checks, kubeconfig
from clusters.checks import Checked
from clusters.credentials import Credential, Unusable, assemble
from clusters.models import (
    AuthMethod,
    Cluster,
    ClusterConnection,
    ClusterSource,
    ClusterStatus,
)
from clusters.probe import Findings
from config.core import timeline
from config.core.errors import ClusterUnreachable, InvalidTransition, ValidationFailed
from config.core.models import Project
from config.core.permissions import require
from config.core.secrets import Secret
from config.core.timeline import SYSTEM, Actor

_SECRETS: Final = ("client_key", "token")


def import_cluster(
    *, actor: Actor, project: Project, name: str, verify: bool = True, **given: str
) -> Cluster:
    """Stores a cluster that answered; with `verify` off, without asking it.

    `given`: `kubeconfig` and perhaps `context`, or `endpoint` and the parts of a Credential. Raises
    KubeconfigInvalid, KubeconfigForbiddenField, ValidationFailed, or one of probe.FAILURES with a
    `hint`; nothing is stored then.
    """
    require(actor.person, "cluster_manage", project)
    credential = _credential(given)
    cluster = Cluster(project=project, name=name, endpoint=credential.server)
    return _store(cluster, credential, actor=actor, verify=verify)


def import_managed(*, project: Project, name: str, kubeconfig: Secret) -> Cluster:
    """A cluster that Slipway made, which whoever may install allowed. Raises as `import_cluster`
    does; nothing is stored then."""
    credential = _credential({"kubeconfig": kubeconfig.reveal()})
    cluster = Cluster(
        project=project,
        name=name,
        endpoint=credential.server,
        source=ClusterSource.PLATFORM_MANAGED,
    )
    return _store(cluster, credential, actor=SYSTEM)


def rename(cluster: Cluster, *, actor: Actor, name: str) -> Cluster:
    require(actor.person, "cluster_manage", cluster)
    cluster.name = name
    cluster.save(update_fields=["name"])
    return cluster


def delete(cluster: Cluster, *, actor: Actor) -> None:
    """With its credentials. Raises InvalidTransition while targets are in it."""
    require(actor.person, "cluster_manage", cluster)
    try:
        _remove(cluster, actor)
    except (ProtectedError, IntegrityError):
        text = "Deployment targets are in this cluster: it stays as long as they do."
        raise InvalidTransition(text, **{"from": cluster.status, "to": "deleted"}) from None


def check(cluster: Cluster, *, actor: Actor) -> Checked:
    require(actor.person, "cluster_manage", cluster)
    return checks.check(cluster, actor=actor)


def rotate(cluster: Cluster, *, actor: Actor, **given: str) -> Cluster:
    """Signs in with other credentials from now on, if the cluster takes them; or all stays as it
    was. `given`, and what is raised: as for `import_cluster`; `ca_cert` and `tls_server_name` that
    are not given stay too. Raises InvalidTransition where somebody else was faster.
    """
    require(actor.person, "cluster_manage", cluster)
    return _rotate(cluster, actor=actor, given=given)


def rotate_managed(cluster: Cluster, *, kubeconfig: Secret) -> Cluster:
    """The same, of a cluster that Slipway made, and installed again."""
    return _rotate(cluster, actor=SYSTEM, given={"kubeconfig": kubeconfig.reveal()})


def leads_to(cluster: Cluster, kubeconfig: Secret) -> bool:
    """Is the kubeconfig's API the one that the cluster is? Asks nobody. Raises KubeconfigInvalid
    and KubeconfigForbiddenField."""
    credential = _credential({"kubeconfig": kubeconfig.reveal()})
    return _api(credential.server) == _api(cluster.endpoint)


def dismantle(cluster: Cluster) -> None:
    """Of a cluster that is no more: deleted, or without its credentials where targets are in it."""
    try:
        _remove(cluster, SYSTEM)
    except (ProtectedError, IntegrityError):
        with transaction.atomic():
            _retire(cluster, cluster.connections.filter(active=True).first())
            cluster.status = ClusterStatus.UNREACHABLE
            cluster.reason_code = ClusterUnreachable.code
            cluster.expires_at = None
            cluster.save(update_fields=["status", "reason_code", "expires_at"])


def _remove(cluster: Cluster, actor: Actor) -> None:
    with transaction.atomic():
        _record("cluster.deleted", cluster, actor, {"name": cluster.name})
        cluster.delete()


def _store(
    cluster: Cluster, credential: Credential, *, actor: Actor, verify: bool = True
) -> Cluster:
    connection = _connection(cluster, credential)
    _describe(cluster, credential, checks.findings(connection) if verify else None)
    with transaction.atomic():
        cluster.save()
        connection.cluster = cluster
        connection.save()
        _record("cluster.imported", cluster, actor, {"verified": verify})
    return cluster


def _rotate(cluster: Cluster, *, actor: Actor, given: dict[str, str]) -> Cluster:
    old = cluster.connections.filter(active=True).first()
    credential = _credential(given if "kubeconfig" in given else _kept(cluster, old) | given)
    if _api(credential.server) != _api(cluster.endpoint):
        field = "kubeconfig" if "kubeconfig" in given else "endpoint"
        text = f"This is another API than {cluster.endpoint}; import it as another cluster."
        raise ValidationFailed(fields={field: [text]})
    new = _connection(cluster, credential)
    _describe(cluster, credential, checks.findings(new))
    with transaction.atomic():
        _retire(cluster, old)
        new.save()
        fields = ["auth_method", "expires_at", *checks.FIELDS]
        cluster.save(update_fields=fields)
        _record("cluster.rotated", cluster, actor, {})
    return cluster


def _credential(given: dict[str, str]) -> Credential:
    if "kubeconfig" in given:
        return kubeconfig.read(given["kubeconfig"], given.get("context", ""))
    try:
        return assemble(given | {"server": given.get("endpoint", "")})
    except Unusable as error:
        problems = error.problems.items()
        fields = {"endpoint" if part == "server" else part: [text] for part, text in problems}
        raise ValidationFailed(fields=fields) from None


def _kept(cluster: Cluster, old: ClusterConnection | None) -> dict[str, str]:
    """What a rotation that doesn't say otherwise leaves as it is."""
    kept = {"endpoint": cluster.endpoint}
    if old:
        kept |= {"ca_cert": old.ca_cert, "tls_server_name": old.tls_server_name}
    return kept


def _api(server: str) -> tuple[str, int, str]:
    parts = urlsplit(server)
    return (parts.hostname or "").lower(), parts.port or 443, parts.path.rstrip("/")


def _connection(cluster: Cluster, credential: Credential) -> ClusterConnection:
    return ClusterConnection(
        cluster=cluster,
        server=credential.server,
        tls_server_name=credential.tls_server_name,
        ca_cert=credential.ca_cert,
        client_cert=credential.client_cert,
        client_key=credential.client_key,
        token=credential.token,
    )


def _describe(cluster: Cluster, credential: Credential, found: Findings | None) -> None:
    """What the row says of a new credential; saved by the caller."""
    # Shown both, an API believes the certificate.
    by_certificate = bool(credential.client_cert)
    cluster.auth_method = AuthMethod.CLIENT_CERTIFICATE if by_certificate else AuthMethod.TOKEN
    cluster.expires_at = credential.expires_at
    if found:
        cluster.version, cluster.status = found.version, ClusterStatus.READY
        cluster.reason_code, cluster.last_checked_at = "", timezone.now()


def _retire(cluster: Cluster, old: ClusterConnection | None) -> None:
    """The row stays, its secrets go."""
    if old is None:
        return
    rows = ClusterConnection.objects.filter(pk=old.pk, active=True)
    if not rows.update(active=False, **dict.fromkeys(_SECRETS, "")):
        text = "The cluster was given other credentials meanwhile, or deleted."
        raise InvalidTransition(text, **{"from": cluster.status, "to": cluster.status})


def _record(action: str, cluster: Cluster, actor: Actor, detail: dict[str, Any]) -> None:
    shown = {
        "endpoint": cluster.endpoint,
        "version": cluster.version,
        "auth_method": cluster.auth_method,
        "expires_at": cluster.expires_at,
    }
    timeline.record(action, cluster, actor=actor, status=cluster.status, detail=shown | detail)
