"""Certificates as clusters hand them out: an authority, and what it signs."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

LATER: Final = datetime(2036, 1, 2, 3, 4, 5, tzinfo=UTC)


class Signed:
    """A key and its certificate, as PEM."""

    def __init__(
        self,
        name: str,
        by: Signed | None = None,
        key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None,
    ) -> None:
        self._key = key or ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signer = by or self
        built = (
            x509.CertificateBuilder()
            .subject_name(self._name)
            .issuer_name(signer._name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(LATER - timedelta(days=7300))
            .not_valid_after(LATER)
            .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
            .sign(signer._key, hashes.SHA256())
        )
        self.cert = built.public_bytes(Encoding.PEM).decode()

    @property
    def key(self) -> str:
        return self.key_as(PrivateFormat.PKCS8)

    def key_as(self, form: PrivateFormat, passphrase: str = "") -> str:
        protection = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        return self._key.private_bytes(Encoding.PEM, form, protection).decode()


@cache
def authority() -> Signed:
    return Signed("cluster authority")


@cache
def client() -> Signed:
    return Signed("system:admin", authority())


@cache
def stranger() -> Signed:
    return Signed("somebody else")


def weak_pair() -> tuple[str, str]:
    """A certificate and its key, too short for OpenSSL to connect with."""
    found = Signed("weak", authority(), rsa.generate_private_key(65537, 1024))  # noqa: S505 - on purpose
    return found.cert, found.key


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def jwt(**claims: object) -> str:
    """A token that says what a service account's says; nobody signed it."""
    parts = ({"alg": "RS256", "kid": "k"}, claims)
    shown = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts]
    return ".".join(part.rstrip("=") for part in (*shown, "c2lnbmF0dXJl"))
