"""Private keys of every kind, made anew for each test run."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

_CURVES: dict[int, type[ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1]] = {
    256: ec.SECP256R1,
    384: ec.SECP384R1,
    521: ec.SECP521R1,
}
_FORMS = {
    "OpenSSH": serialization.PrivateFormat.OpenSSH,
    "PEM": serialization.PrivateFormat.TraditionalOpenSSL,
    "PKCS8": serialization.PrivateFormat.PKCS8,
}


def text(kind: str, *, bits: int = 0, form: str = "OpenSSH", passphrase: str = "") -> str:
    """A new private key, as a file has it."""
    lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        lock = serialization.BestAvailableEncryption(passphrase.encode())
    with warnings.catch_warnings():  # of what is refused
        warnings.simplefilter("ignore")
        data: bytes = _key(kind, bits).private_bytes(serialization.Encoding.PEM, _FORMS[form], lock)
    return data.decode()


def public(kind: str) -> str:
    data: bytes = (
        _key(kind, 0)
        .public_key()
        .public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    )
    return data.decode()


@cache
def _key(kind: str, bits: int) -> Any:
    match kind:
        case "rsa":
            return rsa.generate_private_key(65537, bits)
        case "ecdsa":
            return ec.generate_private_key(_CURVES[bits]())
        case "secp256k1":
            return ec.generate_private_key(ec.SECP256K1())
        case "dsa":
            return dsa.generate_private_key(1024)  # noqa: S505 - to be refused
        case "ed448":
            return ed448.Ed448PrivateKey.generate()
        case _:
            return ed25519.Ed25519PrivateKey.generate()
