"""HTTPS to one cluster, on the Kubernetes client: TLS, addresses, deadlines, and what went wrong.

Nothing is retried, no redirect is followed, no proxy is used.
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
import ssl
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import urllib3
from kubernetes.client.api_client import ApiClient
from kubernetes.client.configuration import Configuration
from kubernetes.client.exceptions import ApiException
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from config.core.errors import (
    ClusterAddressForbidden,
    ClusterTLSInvalid,
    ClusterUnauthorized,
    ClusterUnreachable,
)
from config.core.secrets import Secret

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 30.0
WHOLE_SECONDS: Final = 60.0  # until an answer is complete, however steadily it comes
WHOLE_BYTES: Final = 64 * 1024 * 1024
AT_ONCE: Final = 16  # connections kept to one cluster
USER_AGENT: Final = "slipway"
_NO_GROUP: Final = b"404 page not found"  # what an API says, in plain text, of a group it hasn't

Object = dict[str, Any]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Login:
    """Where an API is and who we are there. `ca_cert`, `client_cert`: PEM; no `ca_cert`: the
    system's authorities. `denied`: networks that are never connected to."""

    server: str
    ca_cert: str = ""
    tls_server_name: str = ""
    token: Secret = field(default_factory=lambda: Secret(""))
    client_cert: str = ""
    client_key: Secret = field(default_factory=lambda: Secret(""))
    denied: Sequence[Network] = ()


class Refused(Exception):
    """The API answered no. `status`: HTTP; `reason`, `causes`: of its Status object."""

    def __init__(self, status: int, answer: Mapping[str, Any]) -> None:
        self.status = status
        self.reason = str(answer.get("reason") or "")
        self.message = str(answer.get("message") or f"HTTP {status}")
        self.causes: list[dict[str, Any]] = (answer.get("details") or {}).get("causes") or []
        super().__init__(self.message)

    @property
    def is_conflict_of_fields(self) -> bool:
        return self.status == 409 and any(
            cause.get("reason") == "FieldManagerConflict" for cause in self.causes
        )

    @property
    def may_pass(self) -> bool:
        """Whether the same question may get another answer soon: the server slipped (it elects a
        leader, say), or two writes met."""
        return self.status >= 500 or (self.status == 409 and not self.is_conflict_of_fields)


class Transport:
    """Connections to one cluster, for any number of threads.

    Raises `cluster_unreachable`, `cluster_unauthorized`, `cluster_tls_invalid`,
    `cluster_address_forbidden`; and Refused for what the API answers no to.
    """

    def __init__(self, login: Login, *, read_seconds: float = READ_SECONDS) -> None:
        self._login = login
        self._timeout = (CONNECT_SECONDS, read_seconds)
        self._client = ApiClient(Configuration(host=login.server))
        self._client.rest_client.pool_manager = _pools(login)

    def close(self) -> None:
        self._client.close()  # type: ignore[no-untyped-call]  # the client's own lack

    def json(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Object | None = None,
        content_type: str = "application/json",
    ) -> Object:
        data = self.call(method, path, query, body, content_type)
        try:
            answer = json.loads(data)
        except ValueError:
            raise ClusterUnreachable("What answers there is not a Kubernetes API.") from None
        if not isinstance(answer, dict):
            raise ClusterUnreachable("What answers there is not a Kubernetes API.")
        return answer

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Object | None = None,
        content_type: str = "application/json",
    ) -> bytes:
        url = self._login.server.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        if not url.startswith("https://"):
            raise ClusterUnreachable("The address does not begin with https://.")
        headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
        if self._login.token:
            headers["Authorization"] = f"Bearer {self._login.token.reveal()}"
        sent: Any = body
        if body is not None:
            headers["Content-Type"] = content_type
            # The client turns into JSON what is called JSON, and takes nothing else but bytes.
            sent = body if "json" in content_type else json.dumps(body).encode()
        try:
            response = self._client.call_api(
                method, url, header_params=headers, body=sent, _request_timeout=self._timeout
            )
            data = self._whole(response.response)
        except ApiException as error:  # how the client tells of TLS going wrong
            raise _of_tls(str(error.reason)) from None
        except (HTTPError, OSError) as error:
            raise ClusterUnreachable(f"The cluster does not answer: {_told(error)}") from None
        if 200 <= response.status < 300:
            return data
        if response.status == 404 and path.startswith("/apis/") and data.strip() == _NO_GROUP:
            raise Refused(404, {})
        raise _refusal(response.status, data)

    def _whole(self, response: urllib3.BaseHTTPResponse) -> bytes:
        """The body. Something that never ends must not hold a worker, nor fill its memory."""
        until = time.monotonic() + WHOLE_SECONDS
        data = bytearray()
        while chunk := response.read1(64 * 1024):
            data += chunk
            if len(data) > WHOLE_BYTES or time.monotonic() > until:
                response.close()
                raise ClusterUnreachable("The cluster's answer does not end.")
        response.release_conn()
        return bytes(data)


def _refusal(status: int, data: bytes) -> Exception:
    if status == 401:
        return ClusterUnauthorized()
    if 300 <= status < 400:
        return ClusterUnreachable("The address answers with a redirect; those are not followed.")
    try:
        answer = json.loads(data)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or answer.get("kind") != "Status":
        return ClusterUnreachable(f"What answers there is not a Kubernetes API (HTTP {status}).")
    if status in (429, 502, 503, 504):
        return ClusterUnreachable(f"The cluster is not able to answer: {answer.get('message')}")
    return Refused(status, answer)


def _of_tls(told: str) -> Exception:
    """An alert comes from the other side: it didn't take our certificate."""
    text = told.replace("SSLError\n", "")
    return ClusterUnauthorized(text) if "alert" in text.lower() else ClusterTLSInvalid(text)


def _told(error: Exception) -> str:
    """The innermost reason, without the addresses of Python's objects."""
    while error.__context__ is not None and isinstance(error.__context__, Exception):
        error = error.__context__
    return re.sub(r"<[^>]* object at 0x[0-9a-f]+>:? ?", "", str(error)) or type(error).__name__


class _CheckedConnection(HTTPSConnection):
    """Connects to no address of a denied network, whatever name leads there."""

    denied: Sequence[Network] = ()

    def _new_conn(self) -> socket.socket:
        found = socket.getaddrinfo(self._dns_host, self.port or 443, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        for address in addresses:
            plain = getattr(address, "ipv4_mapped", None) or address
            if any(plain in network for network in self.denied):
                raise ClusterAddressForbidden(
                    f"{self.host} is {plain}, which is never connected to."
                )
        # What was checked is what is connected to: the name is not looked up again.
        self._dns_host = str(addresses[0])
        return super()._new_conn()


class _Pools(urllib3.PoolManager):
    def urlopen(  # type: ignore[override]
        self,
        method: str,
        url: str,
        redirect: bool = True,  # noqa: ARG002, FBT001, FBT002 - never followed
        **kw: Any,
    ) -> urllib3.BaseHTTPResponse:
        return super().urlopen(method, url, redirect=False, **kw)


def _pools(login: Login) -> _Pools:
    context = ssl.create_default_context(cadata=login.ca_cert or None)
    if login.client_cert:
        # OpenSSL reads a certificate's key from a file only; it is gone before anything is sent.
        with tempfile.TemporaryDirectory(prefix="slipway-") as folder:
            chain = Path(folder) / "chain.pem"
            chain.touch(mode=0o600)
            chain.write_text(f"{login.client_cert}\n{login.client_key.reveal()}\n")
            context.load_cert_chain(chain)
    named: dict[str, Any] = {}
    if login.tls_server_name:
        named = {"server_hostname": login.tls_server_name, "assert_hostname": login.tls_server_name}
    pools = _Pools(ssl_context=context, retries=False, maxsize=AT_ONCE, **named)
    connection = type("Connection", (_CheckedConnection,), {"denied": login.denied})
    pool = type("Pool", (HTTPSConnectionPool,), {"ConnectionCls": connection})
    pools.pool_classes_by_scheme = {"https": pool}  # and no other
    return pools
