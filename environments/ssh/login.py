"""Where to sign in, as whom, with what."""

from __future__ import annotations

from dataclasses import dataclass

from config.core.secrets import Secret
from environments.ssh.address import Address


@dataclass(frozen=True)
class Login:
    """Where and as whom. `host_key`: the pinned OpenSSH public key line, "" before enrolment.

    `via`: the bastion that the host is reached through, which may have one of its own.
    """

    host: str
    port: int
    user: str
    host_key: str
    private_key: Secret | None = None
    passphrase: Secret | None = None
    password: Secret | None = None
    sudo_password: Secret | None = None
    via: Login | None = None

    @property
    def address(self) -> Address:
        return address_of(self.host, self.port, self.via)


def address_of(host: str, port: int, via: Login | None) -> Address:
    """A host's address, behind the bastion `via` and those before it."""
    before = via.address if via else None
    return Address(host, port, (*before.via, str(before)) if before else ())
