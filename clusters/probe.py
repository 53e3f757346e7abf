"""What a cluster says of itself and of who asks. Knows nothing of rows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from clusters.answers import plain, understood
from clusters.kube.api import Kube, Resource
from clusters.kube.transport import Refused
from config.core.errors import (
    ClusterAddressForbidden,
    ClusterTLSInvalid,
    ClusterUnauthorized,
    ClusterUnreachable,
    DomainError,
)

READ_SECONDS: Final = 10.0
MAX_VERSION: Final = 64
NAMESPACE: Final = "default"  # the rules review is about one
_NODES: Final = Resource("v1", "Node", "nodes", namespaced=False)

E = TypeVar("E", bound=DomainError)
FAILURES: Final = (
    ClusterAddressForbidden,
    ClusterTLSInvalid,
    ClusterUnauthorized,
    ClusterUnreachable,
)
HINTS: Final = {
    ClusterUnreachable.code: "Check address and port, and that a firewall lets Slipway's web and "
    "worker machines through to them.",
    ClusterUnauthorized.code: "Something answers there, and does not know the credential: it may "
    "be expired, revoked, or of another cluster. Have a new one issued, and rotate.",
    ClusterTLSInvalid.code: "Send the authority that signed the API's certificate (ca_cert). Where "
    "the certificate is for another name than the address has, send that name (tls_server_name).",
    ClusterAddressForbidden.code: "The address is in a network that no cluster may be in. Use "
    "another one, or have the operator change SLIPWAY_CLUSTER_DENIED_NETWORKS.",
}


@dataclass(frozen=True)
class Permission:
    """What a rule of SelfSubjectRulesReview allows; `*` is everything."""

    verbs: list[str]
    groups: list[str]
    resources: list[str]
    names: list[str]


@dataclass(frozen=True)
class Findings:
    """`latency_ms`: of the first answer, with the connection made for it; `nodes`: None where the
    credential may not list them; `permissions`: in the namespace `default`."""

    version: str
    latency_ms: int
    nodes: int | None
    permissions: list[Permission]


def look(kube: Kube) -> Findings:
    """Asks for the version, what we may do, and the nodes. Raises one of FAILURES."""
    with understood():
        began = time.monotonic()
        version = kube.version()
        latency = time.monotonic() - began
        permissions = _permissions(kube)
        nodes = _nodes(kube)
    return Findings(plain(version, MAX_VERSION), round(latency * 1000), nodes, permissions)


def hinted(error: E) -> E:
    """The same error, its data with a `hint`: what to do about it."""
    error.data["hint"] = HINTS[error.code]
    return error


def _permissions(kube: Kube) -> list[Permission]:
    """The version is told to strangers too, and where a proxy ends TLS a client certificate makes
    a stranger of who shows it. This review is for who is known."""
    try:
        answer = kube.review("SelfSubjectRulesReview", {"namespace": NAMESPACE})
    except Refused as error:
        if error.status != 403:
            raise
        raise ClusterUnauthorized("The cluster takes the credential for nobody's.") from None
    rules = (answer.get("status") or {}).get("resourceRules") or []
    return [
        Permission(
            _texts(rule, "verbs"),
            _texts(rule, "apiGroups"),
            _texts(rule, "resources"),
            _texts(rule, "resourceNames"),
        )
        for rule in rules
    ]


def _texts(rule: dict[str, Any], field: str) -> list[str]:
    return [str(value) for value in rule.get(field) or []]


def _nodes(kube: Kube) -> int | None:
    try:
        return sum(1 for _ in kube.list(_NODES))
    except Refused as error:
        if error.status != 403:
            raise
        return None
