"""Host keys: comparing the one a host offers with the pinned one, fingerprints."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Self

from paramiko import PKey

from config.core.errors import SSHHostKeyMismatch, SSHHostKeyUnknown
from environments.ssh.address import Address


@dataclass(frozen=True)
class HostKey:
    """A host's public key. `line`: "type base64", `fingerprint`: "SHA256:…", both as OpenSSH."""

    key_type: str
    line: str
    fingerprint: str

    @classmethod
    def parse(cls, line: str) -> Self:
        """From an OpenSSH public key line, its comment dropped; ValueError if it isn't one."""
        try:
            key_type, encoded = line.split()[:2]
            blob = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            raise ValueError("not an OpenSSH public key line") from None
        # RFC 4253, 6.6: the blob begins with the type's name, a length before it.
        if blob[:4] != len(key_type).to_bytes(4, "big") or blob[4:][: len(key_type)] != (
            key_type.encode()
        ):
            raise ValueError("not an OpenSSH public key line: its two parts disagree")
        digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
        return cls(key_type, f"{key_type} {encoded}", f"SHA256:{digest}")

    @classmethod
    def of(cls, key: PKey) -> Self:
        return cls.parse(f"{key.get_name()} {key.get_base64()}")

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The signature algorithms by which a host proves that it has this key (RFC 8332)."""
        if self.key_type == "ssh-rsa":
            return ("rsa-sha2-512", "rsa-sha2-256")
        return (self.key_type,)


def fingerprint(line: str) -> str:
    """ "SHA256:…" of an OpenSSH public key line; ValueError if it isn't one."""
    return HostKey.parse(line).fingerprint


def pinned(line: str, address: Address) -> HostKey:
    """The enrolled key; SSHHostKeyUnknown if there is none, or it can't be read."""
    try:
        return HostKey.parse(line)
    except ValueError:
        text = f"{address} is not enrolled: scan it, compare the fingerprint, enrol it."
        raise SSHHostKeyUnknown(text, **address.data) from None


def require(offered: PKey, expected: HostKey, address: Address) -> None:
    """SSHHostKeyMismatch, with the fingerprint that was offered, unless both are the same key."""
    found = HostKey.of(offered)
    if found.line != expected.line:
        raise SSHHostKeyMismatch(
            f"{address} answered with another key than the one that was enrolled.",
            expected=expected.fingerprint,
            offered=found.fingerprint,
            **address.data,
        )
