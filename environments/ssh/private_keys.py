"""Private keys as text, in any format people have: OpenSSH, PKCS#1, SEC1 or PKCS#8 PEM."""

from __future__ import annotations

import io

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from config.core.secrets import Secret


def load(text: Secret, passphrase: Secret | None) -> paramiko.PKey:
    """The key in paramiko's form. ValueError, with a reason that shows nothing of the key, if the
    text is no ed25519, ECDSA or RSA key, or the passphrase is missing or wrong.
    """
    data = text.reveal().strip().encode() + b"\n"
    secret = passphrase.reveal().encode() if passphrase else None
    openssh = data.startswith(b"-----BEGIN OPENSSH")
    read = serialization.load_ssh_private_key if openssh else serialization.load_pem_private_key
    try:
        key = read(data, secret)
    except TypeError:
        reason = "has no passphrase, and one was given" if secret else "needs a passphrase"
        raise ValueError(f"The private key {reason}.") from None
    except (ValueError, UnsupportedAlgorithm):
        reason = " with this passphrase" if secret else ""
        raise ValueError(f"The private key can't be read{reason}.") from None
    # `from None`: the libraries' messages may quote what they could not read.
    kind: type[paramiko.PKey]
    match key:
        case ed25519.Ed25519PrivateKey():
            kind = paramiko.Ed25519Key
        case ec.EllipticCurvePrivateKey():
            kind = paramiko.ECDSAKey
        case rsa.RSAPrivateKey():
            kind = paramiko.RSAKey
        case _:
            raise ValueError("The private key is neither ed25519 nor ECDSA nor RSA.")
    clear = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    return kind.from_private_key(io.StringIO(clear.decode()))
