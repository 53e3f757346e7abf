"""Where a Kubernetes API is and what signs in to it, checked part by part. Framework-free.

Of a PEM file only certificates, or only the key, is kept: what else it carries is dropped.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from config.core.secrets import Secret

MAX_SERVER: Final = 500
MAX_NAME: Final = 253
# A dot or the end after every label: with an optional dot, matching takes exponential time.
_HOST: Final = re.compile(r"(?:[a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?(?:\.|\Z))+")
_PATH: Final = re.compile(r"[A-Za-z0-9/._~%:@-]*")
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")
_DER: Final = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True)
class Credential:
    """Texts are PEM. No `ca_cert`: the system's authorities are trusted."""

    server: str
    ca_cert: str
    tls_server_name: str
    client_cert: str
    client_key: Secret
    token: Secret

    @property
    def expires_at(self) -> datetime | None:
        """When the first part of what signs in expires; None where no part says."""
        times = [_expiry_of_token(self.token)]
        if self.client_cert:
            times.append(_first(self.client_cert).not_valid_after_utc)
        return min((time for time in times if time), default=None)


class Unusable(Exception):
    """`problems`: {part of Credential: what is wrong with it}; no text repeats a value."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{part}: {text}" for part, text in problems.items()))


def assemble(parts: Mapping[str, str]) -> Credential:
    """A credential of the parts that are given, by the names of Credential's fields; an empty part
    is none. Raises Unusable with everything that is wrong."""
    found: dict[str, Any] = {}
    problems = {}
    for part, check in _CHECKS.items():
        try:
            found[part] = check(parts.get(part, ""))
        except _Wrong as error:
            problems[part] = str(error)
    if problems:
        raise Unusable(problems)
    for part in ("client_key", "token"):
        found[part] = Secret(found[part])
    credential = Credential(**found)
    _complete(credential)
    return credential


def _complete(credential: Credential) -> None:
    certificate, key = credential.client_cert, credential.client_key
    if bool(certificate) != bool(key):
        part = "client_key" if certificate else "client_cert"
        raise Unusable({part: "A client certificate and its key come together."})
    if certificate and not _belong_together(certificate, key):
        raise Unusable({"client_key": "This is not the certificate's key."})
    if not certificate and not credential.token:
        raise Unusable({"token": "Neither a token nor a client certificate signs in."})


class _Wrong(Exception):
    """With a sentence that says why."""


def _server(text: str) -> str:
    """An `https://` address of a host, with or without port and path."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _Wrong("This is no address.") from None
    if parts.scheme != "https":
        raise _Wrong("Only https:// addresses are connected to.")
    if "@" in parts.netloc:
        raise _Wrong("An address carries no user name or password.")
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise _Wrong("An address ends with its path.")
    is_plain = text.isascii() and text.isprintable() and " " not in text
    if not is_plain or len(text) > MAX_SERVER or not _is_host(parts.hostname or "") or port == 0:
        raise _Wrong("This is no address.")
    if not _PATH.fullmatch(parts.path) or ".." in parts.path:
        raise _Wrong("This is no address.")
    return "https" + text[len("https") :].rstrip("/")  # however it was written


def _tls_server_name(text: str) -> str:
    if text and not _is_host(text):
        raise _Wrong("Neither a host name nor an address.")
    return text


def _certificates(text: str) -> str:
    if not text:
        return ""
    try:
        found = x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        raise _Wrong("Not a certificate in PEM form.") from None
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in found)


def _key(text: str) -> str:
    if not text:
        return ""
    try:
        key = load_pem_private_key(text.encode(), password=None)
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    except TypeError:
        raise _Wrong("The key has a passphrase; give one that has none.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise _Wrong("Not a private key in PEM form.") from None


def _token(text: str) -> str:
    if text and not _TOKEN.fullmatch(text):
        raise _Wrong("A token has no spaces, line breaks or special characters.")
    return text


_CHECKS: Final[Mapping[str, Callable[[str], str]]] = {
    "server": _server,
    "ca_cert": _certificates,
    "tls_server_name": _tls_server_name,
    "client_cert": _certificates,
    "client_key": _key,
    "token": _token,
}


def _is_host(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return len(text) <= MAX_NAME and bool(_HOST.fullmatch(text))
    return "%" not in text  # a zone names an interface of one machine


def _first(certificates: str) -> x509.Certificate:
    """The client's own; what follows it is the chain to its authority."""
    return x509.load_pem_x509_certificate(certificates.encode())


def _belong_together(certificates: str, key: Secret) -> bool:
    theirs = _first(certificates).public_key().public_bytes(*_DER)
    ours = load_pem_private_key(key.reveal().encode(), password=None).public_key()
    return theirs == ours.public_bytes(*_DER)


def _expiry_of_token(token: Secret) -> datetime | None:
    """`exp` of a JWT (RFC 7519), believed: to check it is the cluster's business."""
    parts = token.reveal().split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError):
        return None
