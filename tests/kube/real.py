"""A real cluster, by its kubeconfig: what the stand-in is checked against."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from clusters.kube.api import Kube
from clusters.kube.transport import Login, Refused
from config.core.secrets import Secret
from tests.kube import writing
from tests.kube.access import Rule
from tests.kube.cluster import Cluster, kubeconfig
from tests.kube.failures import Fail

_RBAC: Final = "rbac.authorization.k8s.io"
_WITH_CONTROLLERS: Final[dict[str, bool]] = {}  # by server: asked once


class RealCluster(Cluster):
    """`path`: a kubeconfig whose context has a token, or a client certificate, inside."""

    is_real = True

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.login = _login(yaml.safe_load(path.read_text()))
        self.kubeconfig = kubeconfig(self.login)

    @property
    def has_controllers(self) -> bool:  # type: ignore[override]
        if self.login.server not in _WITH_CONTROLLERS:
            _WITH_CONTROLLERS[self.login.server] = self._find_controllers()
        return _WITH_CONTROLLERS[self.login.server]

    def _find_controllers(self) -> bool:
        """One of them makes a service account in every new namespace."""
        namespace = self.namespace("probe")
        with Kube(self.login) as kube:
            accounts = writing.resource(kube, "v1", "ServiceAccount")
            until = time.monotonic() + 3
            while time.monotonic() < until:
                if kube.get(accounts, namespace, "default"):
                    return True
                time.sleep(0.1)
        return False

    def as_user(self, rules: Iterable[Rule]) -> Login:
        """A service account with these roles."""
        name, listed = f"limited-{secrets.token_hex(3)}", list(rules)
        namespace = self.namespace("users")
        with Kube(self.login) as kube:
            meta = {"name": name, "namespace": namespace}
            writing.create(kube, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta})
            for at, rule in enumerate(listed):
                _bind(kube, f"{name}-{at}", rule, meta)
            login = Login(
                self.login.server, ca_cert=self.login.ca_cert, token=_token(kube, namespace, name)
            )
        _wait_for_roles(login, listed)
        return login

    def fail(self, how: Fail | None) -> None:
        if how is not None:
            pytest.skip("a real cluster is not made to fail")

    def set_log(self, *_: Any, **__: Any) -> None:
        pytest.skip("what a real container writes is its own")


def _bind(kube: Kube, name: str, rule: Rule, account: dict[str, str]) -> None:
    namespace = rule.get("namespace", "")
    kind = "Role" if namespace else "ClusterRole"
    resource, _, part = rule["resource"].partition("/")
    plural, _, group = resource.partition(".")
    allowed = {
        "verbs": [rule["verb"]],
        "apiGroups": ["*" if resource == "*" else group],
        "resources": [f"{plural}/{part}" if part else plural],
    }
    meta = {"name": name} | ({"namespace": namespace} if namespace else {})
    version = f"{_RBAC}/v1"
    writing.create(
        kube, {"apiVersion": version, "kind": kind, "metadata": meta, "rules": [allowed]}
    )
    binding: dict[str, Any] = {
        "apiVersion": version,
        "kind": f"{kind}Binding",
        "metadata": meta,
        "roleRef": {"apiGroup": _RBAC, "kind": kind, "name": name},
        "subjects": [{"kind": "ServiceAccount", **account}],
    }
    writing.create(kube, binding)


def _token(kube: Kube, namespace: str, name: str) -> Secret:
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    try:
        answer = kube._transport.json("POST", path, {}, body)
    except Refused as refused:
        pytest.skip(f"this cluster gives out no tokens: {refused.message}")
    return Secret(answer["status"]["token"])


def _wait_for_roles(login: Login, rules: list[Rule]) -> None:
    """New roles take a moment until they count."""
    until = time.monotonic() + 10
    with Kube(login) as kube:
        for rule in rules:
            resource, _, part = rule["resource"].partition("/")
            plural, _, group = resource.partition(".")
            asked = {"verb": rule["verb"], "group": group, "resource": plural}
            asked |= {"subresource": part, "namespace": rule.get("namespace", "")}
            spec = {"resourceAttributes": asked}
            while time.monotonic() < until:
                status = kube.review("SelfSubjectAccessReview", spec)["status"]
                if status.get("allowed"):
                    break
                time.sleep(0.1)


def _login(config: dict[str, Any]) -> Login:
    context = _named(config["contexts"], config["current-context"])["context"]
    cluster = _named(config["clusters"], context["cluster"])["cluster"]
    user = _named(config["users"], context["user"])["user"]
    return Login(
        cluster["server"],
        ca_cert=_decoded(cluster.get("certificate-authority-data", "")),
        tls_server_name=cluster.get("tls-server-name", ""),
        token=Secret(user.get("token", "")),
        client_cert=_decoded(user.get("client-certificate-data", "")),
        client_key=Secret(_decoded(user.get("client-key-data", ""))),
    )


def _named(listed: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(one for one in listed if one["name"] == name)


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()
