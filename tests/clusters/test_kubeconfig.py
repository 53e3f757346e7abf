"""A corpus of kubeconfigs: those that tools write, and those that want something done for them."""

from __future__ import annotations

import builtins
import io
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat

from clusters import kubeconfig
from clusters.credentials import Credential
from config.core.errors import KubeconfigForbiddenField, KubeconfigInvalid
from tests.clusters.certificates import LATER, authority, b64, client, jwt, stranger

CANARY = "canary-5e0b-kubeconfig"
SERVER = "https://api.example.net:6443"
CA = b64(authority().cert)
CERT, KEY = b64(client().cert), b64(client().key)
USES = (
    (os, "system"), (os, "open"), (os, "posix_spawn"), (os, "execve"), (os, "fork"),
    (subprocess, "Popen"), (builtins, "open"), (io, "open"), (Path, "open"),
    (socket, "create_connection"), (socket, "getaddrinfo"), (socket.socket, "connect"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No program is run, no file opened, nobody called, whatever a test's kubeconfig says."""
    monkeypatch.chdir(tmp_path)
    used: list[str] = []
    with monkeypatch.context() as patch:
        for owner, name in USES:

            def use(*arguments: Any, name: str = name, **_: Any) -> Any:
                used.append(f"{name}{arguments}")
                raise AssertionError(used[-1])

            patch.setattr(owner, name, use)
        yield
    assert used == []
    assert list(tmp_path.iterdir()) == []


def config(
    cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None, **rest: Any
) -> dict[str, Any]:
    """One cluster, one user with a token; keys of the parts can be changed or (None) taken out."""
    parts = {"server": SERVER, "certificate-authority-data": CA} | (cluster or {})
    who = {"token": "a-token"} | (user or {})
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {k: v for k, v in parts.items() if v is not None}}],
        "users": [{"name": "u", "user": {k: v for k, v in who.items() if v is not None}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    } | rest


def read(value: dict[str, Any] | str, context: str = "") -> Credential:
    return kubeconfig.read(value if isinstance(value, str) else json.dumps(value), context)


def name(value: object) -> str:
    """Of a test: the certificates differ from process to process."""
    text = str(value)
    return text if len(text) < 60 and text.isprintable() else "given"


CERTIFICATE = {"token": None, "client-certificate-data": CERT, "client-key-data": KEY}
KUBEADM = f"""\
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: {CA}
    server: {SERVER}
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: kubernetes-admin
  name: kubernetes-admin@kubernetes
current-context: kubernetes-admin@kubernetes
kind: Config
preferences: {{}}
users:
- name: kubernetes-admin
  user:
    client-certificate-data: {CERT}
    client-key-data: {KEY}
"""
RANCHER = """\
apiVersion: v1
kind: Config
clusters:
- name: "local"
  cluster:
    server: "https://rancher.example.net/k8s/clusters/c-m-abc12345"
users:
- name: "local"
  user:
    token: "kubeconfig-user-abcde:zzzzzzzzzzzzzzzzzzzz"
contexts:
- name: "local"
  context:
    user: "local"
    cluster: "local"
current-context: "local"
"""
FOLDED = KUBEADM.replace(
    f"client-key-data: {KEY}",
    "client-key-data: |\n"
    + "\n".join("      " + KEY[at : at + 64] for at in range(0, len(KEY), 64)),
)
MINIKUBE = {
    "extensions": [
        {
            "extension": {"provider": "minikube.sigs.k8s.io", "version": "v1.35.0"},
            "name": "cluster_info",
        }
    ]
}
# In contexts that are not chosen, anything may be.
OTHERS = config(
    clusters=[
        *config()["clusters"],
        {"name": "other", "cluster": {"server": "http://x", "proxy-url": "http://y"}},
        {"name": "broken", "cluster": "text"},
        {"name": 7},
        "text",
    ],
    users=[
        {"name": "other", "user": {"exec": {"command": CANARY}, "token": CANARY}},
        *config()["users"],
    ],
    contexts=[
        {"name": "evil", "context": {"cluster": "other", "user": "other"}},
        *config()["contexts"],
    ],
)


@pytest.mark.parametrize(
    ("given", "server", "signs_in_by"),
    [
        (KUBEADM, SERVER, "certificate"),
        (KUBEADM.replace("\n", "\r\n"), SERVER, "certificate"),
        ("\ufeff" + KUBEADM, SERVER, "certificate"),
        (FOLDED, SERVER, "certificate"),
        (RANCHER, "https://rancher.example.net/k8s/clusters/c-m-abc12345", "token"),
        (config(), SERVER, "token"),
        (config(kind=None) | {"kind": "Config"}, SERVER, "token"),
        ({k: v for k, v in config().items() if k not in ("kind", "apiVersion")}, SERVER, "token"),
        (config(MINIKUBE), SERVER, "token"),
        (config({"disable-compression": True}), SERVER, "token"),
        (config({"insecure-skip-tls-verify": False}), SERVER, "token"),
        (config({"tls-server-name": "kubernetes.default.svc"}), SERVER, "token"),
        (config({"tls-server-name": "10.0.0.1"}), SERVER, "token"),
        (config({"certificate-authority-data": None}), SERVER, "token"),
        (config({"certificate-authority": "", "proxy-url": ""}), SERVER, "token"),
        (config(user={"exec": None, "auth-provider": None, "username": ""}), SERVER, "token"),
        (config({"server": "https://[2001:db8::1]:6443"}), "https://[2001:db8::1]:6443", "token"),
        (config({"server": "https://10.0.0.1"}), "https://10.0.0.1", "token"),
        (config({"server": "https://api.example.net/"}), "https://api.example.net", "token"),
        (config({"server": "HTTPS://API.example.net"}), "https://API.example.net", "token"),
        (config(user=CERTIFICATE), SERVER, "certificate"),
        (config(user=CERTIFICATE | {"token": "both"}), SERVER, "certificate"),
        (config(user={"token": jwt(sub="system:serviceaccount:ci:deploy")}), SERVER, "token"),
        (config(preferences={"colors": True}, extensions=[{"name": "e"}]), SERVER, "token"),
        (config(users=[*config()["users"], {"name": "u2", "user": None}]), SERVER, "token"),
        (OTHERS, SERVER, "token"),
    ],
    ids=name,
)
def test_what_tools_write(given: dict[str, Any] | str, server: str, signs_in_by: str) -> None:
    found = read(given)
    assert found.server == server
    assert ("certificate" if found.client_cert else "token") == signs_in_by
    assert CANARY not in found.token.reveal()
    if signs_in_by == "certificate":
        assert found.client_cert == client().cert
        assert found.client_key.reveal() == client().key
    if found.ca_cert:
        assert found.ca_cert == authority().cert


def test_the_context_that_is_asked_for() -> None:
    several = config(
        users=[{"name": name, "user": {"token": f"of-{name}"}} for name in ("u", "v")],
        contexts=[
            {"name": "x", "context": {"cluster": "c", "user": "u", "namespace": "n"}},
            {"name": "y", "context": {"cluster": "c", "user": "v"}},
        ],
    )
    assert read(several).token.reveal() == "of-u"
    assert read(several, "y").token.reveal() == "of-v"
    del several["current-context"]
    with pytest.raises(KubeconfigInvalid) as caught:
        read(several)
    assert caught.value.data["contexts"] == ["x", "y"]


def test_only_certificates_of_a_pem_are_kept() -> None:
    """A file that holds the key too is common; a certificate's column is not encrypted."""
    both = b64(f"Subject: admin\n{client().key}{client().cert}{authority().cert}")
    found = read(config(user=CERTIFICATE | {"client-certificate-data": both}))
    assert found.client_cert == client().cert + authority().cert
    found = read(config({"certificate-authority-data": both}))
    assert "PRIVATE" not in found.ca_cert


def test_a_key_of_any_form() -> None:
    old = b64(client().key_as(PrivateFormat.TraditionalOpenSSL))
    found = read(config(user=CERTIFICATE | {"client-key-data": old}))
    assert found.client_key.reveal() == client().key


@pytest.mark.parametrize(
    ("user", "expires"),
    [
        (CERTIFICATE, LATER),
        (CERTIFICATE | {"token": jwt(exp=1893456000)}, datetime(2030, 1, 1, tzinfo=UTC)),
        ({"token": jwt(exp=1893456000)}, datetime(2030, 1, 1, tzinfo=UTC)),
        ({"token": jwt(sub="x")}, None),
        ({"token": jwt(exp="soon")}, None),
        ({"token": jwt(exp=1e300)}, None),
        ({"token": jwt(exp=None)}, None),
        ({"token": "a.b.c"}, None),
        ({"token": "abcdef.0123456789abcdef"}, None),
    ],
    ids=name,
)
def test_when_it_expires(user: dict[str, Any], expires: datetime | None) -> None:
    assert read(config(user=user)).expires_at == expires


FORBIDDEN_IN_USER: dict[str, Any] = {
    "exec": {
        "apiVersion": "client.authentication.k8s.io/v1", "command": "touch", "args": ["canary"],
    },
    "auth-provider": {"name": "gcp", "config": {"cmd-path": "/bin/touch", "cmd-args": "canary"}},
    "tokenFile": "/var/run/secrets/kubernetes.io/serviceaccount/token",
    "client-certificate": "/etc/kubernetes/admin.crt",
    "client-key": "/etc/kubernetes/admin.key",
    "username": "admin",
    "password": "secret",
    "as": "system:admin",
    "as-uid": "0",
    "as-groups": ["system:masters"],
    "as-user-extra": {"scopes": ["all"]},
    "impersonate": "system:admin",
    "token-file": "/etc/passwd",
    "Token": "not-the-field",
    "something-new": True,
}  # fmt: skip
FORBIDDEN_IN_CLUSTER: dict[str, Any] = {
    "certificate-authority": "/etc/passwd",
    "proxy-url": "socks5://169.254.169.254:1080",
    "insecure-skip-tls-verify": True,
    "insecure_skip_tls_verify": "yes",
    "server": "http://api.example.net:8080",
    "something-new": 1,
}


@pytest.mark.parametrize("field", FORBIDDEN_IN_USER)
def test_what_a_user_may_not_ask_for(field: str) -> None:
    with pytest.raises(KubeconfigForbiddenField) as caught:
        read(config(user={field: FORBIDDEN_IN_USER[field]}))
    assert caught.value.data == {"fields": [f"users[u].user.{field}"]}
    assert f"users[u].user.{field}" in caught.value.message


@pytest.mark.parametrize("field", FORBIDDEN_IN_CLUSTER)
def test_what_a_cluster_may_not_ask_for(field: str) -> None:
    with pytest.raises(KubeconfigForbiddenField) as caught:
        read(config({field: FORBIDDEN_IN_CLUSTER[field]}))
    assert caught.value.data == {"fields": [f"clusters[c].cluster.{field}"]}


def test_all_that_is_forbidden_at_once() -> None:
    with pytest.raises(KubeconfigForbiddenField) as caught:
        read(config({"proxy-url": "http://p"}, {"exec": {"command": "x"}, "tokenFile": "y"}))
    assert caught.value.data["fields"] == [
        "clusters[c].cluster.proxy-url", "users[u].user.exec", "users[u].user.tokenFile",
    ]  # fmt: skip


BOMB = "a: &a [x, x]\n" + "\n".join(
    f"{after}: &{after} [*{before}, *{before}]" for before, after in pairwise("abcdefgh")
)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        # no kubeconfig at all
        ("", ""), ("null", ""), ("just text", ""), ("- a\n- b\n", ""), ("{", ""), ("a: b: c", ""),
        ("\x00", ""), ("<html></html>", ""),
        (json.dumps(config(kind="Pod")), ""), (json.dumps(config(kind=["Config"])), ""),
        (json.dumps(config(apiVersion="v2")), "apiVersion"),
        ("{}", "current-context"), ("contexts: 7", "current-context"),
        # YAML that does something
        (BOMB, ""), (KUBEADM + "---\n" + KUBEADM, ""), (KUBEADM + "kind: Config\n", ""),
        (KUBEADM.replace("preferences: {}", "x: !!python/object/apply:os.system [x]"), ""),
        (KUBEADM.replace("preferences: {}", "<<: {a: b}"), ""),
        (KUBEADM.replace("preferences: {}", "preferences: " + "[" * 30 + "]" * 30), ""),
        ("x: [" + "1," * 60_000 + "]", ""), ("# " + "x" * (1 << 20), ""),
        # parts that are missing, doubled or of another type
        (config() | {"current-context": "nowhere"}, "current-context"),
        (config() | {"current-context": ["x"]}, "current-context"),
        (config() | {"current-context": None}, "current-context"),
        (config(contexts=[]), "current-context"),
        (config(contexts=config()["contexts"] * 2), "contexts[x]"),
        (config(clusters=config()["clusters"] * 2), "clusters[c]"),
        (config(clusters=[]), "clusters[c]"), (config(users=None), "users[u]"),
        (config(users={"u": {"token": "x"}}), "users[u]"),
        (config(users=[{"name": "u"}]), "users[u].user"),
        (config(users=[{"name": "u", "user": "text"}]), "users[u].user"),
        (config(contexts=[{"name": "x", "context": {"user": "u"}}]), "contexts[x].context.cluster"),
        (config(contexts=[{"name": "x", "context": {"cluster": "c"}}]), "contexts[x].context.user"),
        (config(contexts=[{"name": "x", "context": {"cluster": ["c"], "user": "u"}}]),
         "contexts[x].context.cluster"),
        # addresses
        *[
            (config({"server": server}), "clusters[c].cluster.server")
            for server in (
                None, "", "api.example.net", "https://", "https://:6443", "//api", "file:///etc",
                "ftp://api", "https+unix:///run/x", "https://u:p@api", "https://api@evil",
                "https://api:0", "https://api:99999", "https://api:x", "https://a b", "https://[::1",
                "https://[fe80::1%25eth0]", "https://api?x=1", "https://api#x", "https://api?",
                "https://api/../x", "https://api/\\evil", "https://api\n.evil", "https://-a",
                "https://\u0430pi", "https://" + "a" * 600, "https://" + "x." * 130, "https://a..b",
                7,
            )
        ],
        *[
            (config({"tls-server-name": name}), "clusters[c].cluster.tls-server-name")
            for name in ("a b", "x\ny", "-x", "a" * 300, 7, ["x"])
        ],
        # what should be certificates, keys, tokens
        *[
            (config({"certificate-authority-data": data}),
             "clusters[c].cluster.certificate-authority-data")
            for data in ("%%%", "abc", b64("hello"), b64(client().key), authority().cert, 7,
                         b64(authority().cert[:200]), b64(authority().cert.replace("M", "N")))
        ],
        (config(user=CERTIFICATE | {"client-certificate-data": b64("x")}),
         "users[u].user.client-certificate-data"),
        *[
            (config(user=CERTIFICATE | {"client-key-data": data}), "users[u].user.client-key-data")
            for data in (None, "%%%", b64(client().cert), b64(stranger().key), "/w==",
                         b64(client().key_as(PrivateFormat.PKCS8, "passphrase")))
        ],
        (config(user=CERTIFICATE | {"client-certificate-data": None}),
         "users[u].user.client-certificate-data"),
        *[
            (config(user={"token": token}), "users[u].user.token")
            for token in (None, "", "a b", "a\r\nX-Evil: 1", "tökén", "a\x00", 7, ["a"], {"a": 1})
        ],
    ],
    ids=name,
)  # fmt: skip
def test_what_is_no_kubeconfig(given: dict[str, Any] | str, path: str) -> None:
    with pytest.raises(KubeconfigInvalid) as caught:
        read(given)
    errors = caught.value.data["errors"]
    assert [error["path"] for error in errors] == [path]
    assert errors[0]["line"] >= 1
    assert errors[0]["message"] in caught.value.message


def test_where_it_is_wrong() -> None:
    with pytest.raises(KubeconfigInvalid) as caught:
        read(KUBEADM.replace(CA, "???").replace(KEY, "???"))
    assert [(error["path"], error["line"]) for error in caught.value.data["errors"]] == [
        ("clusters[kubernetes].cluster.certificate-authority-data", 4),
        ("users[kubernetes-admin].user.client-key-data", 19),
    ]


@pytest.mark.parametrize(
    "given",
    [
        config({"server": f"ftp://{CANARY}"}),
        config({"tls-server-name": f"{CANARY} x"}),
        config({"certificate-authority-data": CANARY}),
        config(user=CERTIFICATE | {"client-key-data": b64(CANARY)}),
        config(user={"token": f"{CANARY}\n"}),
        config(user={"exec": {"command": CANARY}}),
        RANCHER.replace('token: "', f'token: !!int "{CANARY}'),
        f"a: !!int '{CANARY}'",
        f"{CANARY}: 1\n{CANARY}: 2",
        f"a: *{CANARY}",
    ],
    ids=name,
)
def test_no_error_repeats_what_was_sent(given: dict[str, Any] | str) -> None:
    with pytest.raises((KubeconfigInvalid, KubeconfigForbiddenField)) as caught:
        read(given)
    assert CANARY not in f"{caught.value.message}{caught.value.data}{caught.value!r}"
    assert b64(CANARY) not in str(caught.value.data)


def test_a_name_is_not_longer_or_stranger_than_a_message() -> None:
    long = "\x1b[31m" + "n" * 5000
    strange = json.dumps(config(user={"exec": {"command": "x"}})).replace('"u"', json.dumps(long))
    with pytest.raises(KubeconfigForbiddenField) as caught:
        read(strange)
    (field,) = caught.value.data["fields"]
    assert field.isprintable()
    assert len(field) < 130
