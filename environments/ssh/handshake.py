"""SSH key exchange with a host, up to but not including authentication."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Final

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from config.core.errors import SSHHostKeyMismatch, SSHUnreachable
from environments.ssh import algorithms
from environments.ssh.address import Address
from environments.ssh.streams import Dial, tcp
from environments.ssh.transport import Transport

_PAUSES: Final = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # seconds, before trying again
_HOST_KEYS: Final = "host key algorithms"


class _TurnedAway(Exception):
    """The connection was closed before the host said what it is: it has too many, for now."""


def negotiate(
    address: Address,
    *,
    dial: Dial = tcp,
    host_key_algorithms: Sequence[str] = (),
    timeout: float,
) -> Transport:
    """An encrypted transport to the host, nobody authenticated yet. `timeout`: seconds, per step.

    With `host_key_algorithms` the host must prove a key of one of these: one that has several then
    offers the pinned one. A host that turns connections away (sshd's MaxStartups) is asked again
    until `timeout`. Raises SSHUnreachable, with `weak` in its data if the host speaks nothing but
    weak algorithms, and SSHHostKeyMismatch if it has no such key.
    """
    deadline = time.monotonic() + timeout
    for pause in (*_PAUSES, float("inf")):
        try:
            return _negotiate(address, dial, host_key_algorithms, timeout)
        except _TurnedAway:
            wait = pause * random.uniform(0.5, 1.5)  # noqa: S311 - many must not come back at once
            if time.monotonic() + wait > deadline:
                break
            time.sleep(wait)
    text = "it closes connections before saying what it is (too many at once? see MaxStartups)"
    raise no_answer(address, text)


def _negotiate(
    address: Address, dial: Dial, host_key_algorithms: Sequence[str], timeout: float
) -> Transport:
    try:
        transport = Transport(dial(address, timeout))
    except (OSError, UnicodeError, OverflowError, paramiko.SSHException) as error:
        raise no_answer(address, error) from error
    transport.banner_timeout = timeout
    transport.handshake_timeout = timeout
    transport.auth_timeout = timeout
    transport.channel_timeout = timeout
    algorithms.harden(transport.get_security_options(), host_key_algorithms)
    try:
        transport.start_client(timeout=timeout)
        key = transport.get_remote_server_key()  # start_client is silent when time is over
    except IncompatiblePeer as error:
        transport.close()
        raise _incompatible(address, transport, host_key_algorithms, error) from error
    except (OSError, EOFError, paramiko.SSHException) as error:
        transport.close()
        if _is_closed_at_once(transport, error):
            raise _TurnedAway from error
        raise no_answer(address, error) from error
    if key.get_name() == "ssh-rsa" and key.get_bits() < algorithms.HOST_RSA_BITS:
        transport.close()
        raise _weak(address, {"host key": [f"RSA with {key.get_bits()} bits"]})
    return transport


def unreachable(host: str, port: int, reason: object) -> SSHUnreachable:
    return no_answer(Address(host, port), reason)


def no_answer(address: Address, reason: object) -> SSHUnreachable:
    """`reason`: text, or what was raised."""
    detail = str(reason) or type(reason).__name__
    return SSHUnreachable(f"{address} does not answer over SSH: {detail}", **address.data)


def _weak(address: Address, weak: dict[str, list[str]]) -> SSHUnreachable:
    kinds = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in weak.items())
    text = f"{address} offers only what is too weak, and was refused. {kinds}"
    return SSHUnreachable(text, weak=weak, **address.data)


def _incompatible(
    address: Address,
    transport: Transport,
    host_key_algorithms: Sequence[str],
    error: IncompatiblePeer,
) -> SSHUnreachable | SSHHostKeyMismatch:
    offered = algorithms.not_in_common(transport.offered, transport.get_security_options())
    weak = {kind: names for kind, names in offered.items() if not algorithms.strong(names)}
    if "rsa-sha2-256" in host_key_algorithms and "ssh-rsa" in offered.get(_HOST_KEYS, ()):
        weak |= {_HOST_KEYS: ["ssh-rsa"]}  # the key may be the same
    if weak:
        return _weak(address, weak)
    if _HOST_KEYS in offered:
        text = f"{address} no longer has a key of the enrolled type."
        return SSHHostKeyMismatch(text, **address.data)
    kinds = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in offered.items())
    return no_answer(address, f"nothing it offers is spoken here. {kinds}" if kinds else error)


def _is_closed_at_once(transport: Transport, error: Exception) -> bool:
    # paramiko wraps what ended the reading of the host's first line.
    ended = (error, error.__context__)
    closed = any(isinstance(end, EOFError | ConnectionError) for end in ended)
    return closed and not transport.remote_version
