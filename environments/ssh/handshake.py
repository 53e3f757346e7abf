"""TCP and SSH key exchange with a host, up to but not including authentication."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Sequence
from typing import Final

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from config.core.errors import SSHHostKeyMismatch, SSHUnreachable

_WEAK: Final = ("cbc", "3des", "arcfour", "sha1", "md5")
_DEAD_AFTER_MS: Final = 30_000


def negotiate(
    host: str, port: int, *, host_key_algorithms: Sequence[str] = (), timeout: float
) -> paramiko.Transport:
    """An encrypted transport to the host, nobody authenticated yet. `timeout`: seconds, per step.

    With `host_key_algorithms` the host must prove a key of one of these: one that has several then
    offers the pinned one. Raises SSHUnreachable, and SSHHostKeyMismatch if it has no such key.
    """
    try:
        connection = _connect(host, port, timeout)
        transport = paramiko.Transport(connection)
    except (OSError, UnicodeError, OverflowError, paramiko.SSHException) as error:
        raise unreachable(host, port, error) from error
    transport.banner_timeout = timeout
    transport.handshake_timeout = timeout
    transport.auth_timeout = timeout
    transport.channel_timeout = timeout
    _harden(transport.get_security_options(), host_key_algorithms)
    try:
        transport.start_client(timeout=timeout)
        transport.get_remote_server_key()  # start_client returns silently when time is over
    except IncompatiblePeer as error:
        transport.close()
        if "host key" in str(error):
            raise SSHHostKeyMismatch(
                "The host no longer has a key of the enrolled type.", host=host, port=port
            ) from error
        raise unreachable(host, port, error) from error
    except (OSError, EOFError, paramiko.SSHException) as error:
        transport.close()
        raise unreachable(host, port, error) from error
    return transport


def unreachable(host: str, port: int, reason: object) -> SSHUnreachable:
    detail = str(reason) or type(reason).__name__
    return SSHUnreachable(f"{host}:{port} does not answer over SSH: {detail}", host=host, port=port)


def _connect(host: str, port: int, timeout: float) -> socket.socket:
    connection = socket.create_connection((host, port), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # A keepalive is sent, and nobody looks for its answer: the kernel notices a dead peer by this.
    with contextlib.suppress(AttributeError):  # Linux only
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_AFTER_MS)
    return connection


def _harden(options: paramiko.SecurityOptions, host_key_algorithms: Sequence[str]) -> None:
    ciphers = sorted(_strong(options.ciphers), key=lambda name: "gcm" not in name)  # fastest first
    options.ciphers = ciphers
    options.digests = _strong(options.digests)
    options.kex = _strong(options.kex)
    options.key_types = host_key_algorithms or _strong(options.key_types)


def _strong(names: Sequence[str]) -> list[str]:
    return [name for name in names if not any(weak in name for weak in _WEAK)]
