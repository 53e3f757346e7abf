"""An authority of a test's own, and what it signs."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True)
class Pair:
    """PEM."""

    certificate: str
    key: str


class Authority:
    """Signs for an hour, for servers at 127.0.0.1 and `localhost`, and for users."""

    def __init__(self, name: str = "a test's authority") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        usage = x509.KeyUsage(
            **dict.fromkeys(
                ("digital_signature", "content_commitment", "key_encipherment", "encipher_only"),
                False,
            ),
            **dict.fromkeys(("data_encipherment", "key_agreement", "decipher_only"), False),
            key_cert_sign=True,
            crl_sign=True,
        )
        built = (
            _builder(self._name, self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
        )
        self.pem = _pem(built.sign(self._key, hashes.SHA256()))

    def server(self, *names: str) -> Pair:
        """For 127.0.0.1, `localhost` and these names."""
        listed = [x509.DNSName(name) for name in ("localhost", *names)]
        alternatives = [*listed, x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        return self._signed("a test's server", ExtendedKeyUsageOID.SERVER_AUTH, alternatives)

    def client(self, user: str) -> Pair:
        return self._signed(user, ExtendedKeyUsageOID.CLIENT_AUTH, [])

    def _signed(
        self, name: str, usage: x509.ObjectIdentifier, alternatives: list[x509.GeneralName]
    ) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        built = (
            _builder(_named(name), self._name, key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(issuer, critical=False)
        )
        if alternatives:
            names = x509.SubjectAlternativeName(alternatives)
            built = built.add_extension(names, critical=False)
        form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return Pair(_pem(built.sign(self._key, hashes.SHA256())), key.private_bytes(*form).decode())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
