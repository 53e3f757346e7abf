"""Reading the key that a host offers, directly or through bastions."""

from __future__ import annotations

from environments.ssh.connection import Connection
from environments.ssh.handshake import negotiate
from environments.ssh.host_keys import HostKey
from environments.ssh.login import Login, address_of
from environments.ssh.streams import Dial, tcp


def scan(host: str, port: int, *, via: Login | None = None, timeout: float = 10) -> HostKey:
    """The key the host proves to have, by a key exchange alone: no user, no authentication there.

    Raises SSHUnreachable, and what `Connection.open` does of the bastions on the way.
    """
    if via is None:
        return _scan(host, port, None, tcp, timeout)
    with Connection.open_for(host, port, via, timeout=timeout) as bastion:
        return _scan(host, port, via, bastion.dial, timeout)


def _scan(host: str, port: int, via: Login | None, dial: Dial, timeout: float) -> HostKey:
    transport = negotiate(address_of(host, port, via), dial=dial, timeout=timeout)
    try:
        return HostKey.of(transport.get_remote_server_key())
    finally:
        transport.close()
