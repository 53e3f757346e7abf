"""Private keys as text, in any format people have: OpenSSH, PKCS#1, SEC1 or PKCS#8 PEM."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa

from config.core.secrets import Secret
from environments.ssh.algorithms import USER_RSA_BITS

_CURVES: Final = {"secp256r1", "secp384r1", "secp521r1"}
_Reader = Callable[[bytes, bytes | None], Any]


class UnusableKey(ValueError):
    """A sentence that shows nothing of the key. `field`, at fault: private_key or passphrase."""

    def __init__(self, text: str, field: str = "private_key") -> None:
        super().__init__(text)
        self.field = field


def load(text: Secret, passphrase: Secret | None) -> paramiko.PKey:
    """The key in paramiko's form. UnusableKey if the text is no ed25519, ECDSA (NIST curves) or
    RSA key (3072 bits or more), or the passphrase is missing or wrong.
    """
    data = text.reveal().strip().encode() + b"\n"
    key = _read(data, passphrase.reveal().encode() if passphrase else None)
    kind = _kind_of(key)
    clear = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    return kind.from_private_key(io.StringIO(clear.decode()))


def _read(data: bytes, passphrase: bytes | None) -> Any:
    openssh = data.startswith(b"-----BEGIN OPENSSH")
    read: _Reader = (
        serialization.load_ssh_private_key if openssh else serialization.load_pem_private_key
    )
    # `from None`: the libraries' messages may quote what they could not read.
    try:
        return read(data, passphrase)
    except TypeError:
        reason = "has no passphrase, and one was given" if passphrase else "needs a passphrase"
        raise UnusableKey(f"The private key {reason}.", "passphrase") from None
    except (ValueError, UnsupportedAlgorithm):
        if passphrase and _is_locked(read, data):
            text = "The private key can't be read with this passphrase."
            raise UnusableKey(text, "passphrase") from None
        if b"BEGIN DSA" in data:
            raise UnusableKey(_of_no_use("DSA")) from None
        raise UnusableKey("The private key can't be read.") from None


def _is_locked(read: _Reader, data: bytes) -> bool:
    try:
        read(data, None)
    except TypeError:
        return True
    except (ValueError, UnsupportedAlgorithm):
        return False
    return False


def _kind_of(key: Any) -> type[paramiko.PKey]:
    match key:
        case ed25519.Ed25519PrivateKey():
            return paramiko.Ed25519Key
        case ec.EllipticCurvePrivateKey() if key.curve.name in _CURVES:
            return paramiko.ECDSAKey
        case rsa.RSAPrivateKey() if key.key_size >= USER_RSA_BITS:
            return paramiko.RSAKey
        case rsa.RSAPrivateKey():
            has = f"The RSA key has {key.key_size} bits"
            raise UnusableKey(f"{has}; at least {USER_RSA_BITS} are needed.")
        case ec.EllipticCurvePrivateKey():
            raise UnusableKey(f"No host takes an ECDSA key on the curve {key.curve.name}.")
        case dsa.DSAPrivateKey():
            raise UnusableKey(_of_no_use("DSA"))
        case _:
            raise UnusableKey("The private key is neither ed25519 nor ECDSA nor RSA.")


def _of_no_use(kind: str) -> str:
    return f"{kind} keys are too weak: make an ed25519 key instead."
