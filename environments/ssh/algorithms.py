"""Which algorithms Slipway speaks: those that nobody breaks, and no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import paramiko

# For signing in a key that people make anew; hosts have theirs for a decade.
USER_RSA_BITS: Final = 3072
HOST_RSA_BITS: Final = 2048
_WEAK: Final = (
    *("cbc", "3des", "arcfour", "blowfish", "cast128", "sha1", "md5", "umac-64", "dss"),
    "group-exchange",  # the group is the server's choice, and paramiko takes those of 1024 bits
)
# What is agreed on before a host is believed (RFC 4253, 7.1): people's names, paramiko's for what
# a server offers, and for what we do.
_AGREED: Final = {
    "key exchange": ("kex_algo_list", "kex"),
    "host key algorithms": ("server_key_algo_list", "key_types"),
    "ciphers": ("server_encrypt_algo_list", "ciphers"),
    "MACs": ("server_mac_algo_list", "digests"),
}
# No algorithms, but signs that others are understood (RFC 8308, and OpenSSH's PROTOCOL, 1.10).
_SIGNS: Final = ("ext-info-", "kex-strict-")


def harden(options: paramiko.SecurityOptions, host_key_algorithms: Sequence[str] = ()) -> None:
    """Leaves nothing weak to agree on, and of host keys only those given, if any."""
    # Those that authenticate by themselves first: they are the fastest.
    options.ciphers = sorted(strong(options.ciphers), key=lambda name: "gcm" not in name)
    options.digests = strong(options.digests)
    options.kex = strong(options.kex)
    options.key_types = host_key_algorithms or strong(options.key_types)


def strong(names: Sequence[str]) -> list[str]:
    return [name for name in names if not is_weak(name)]


def is_weak(name: str) -> bool:
    # "ssh-rsa" as an algorithm, not as a type of key, is a signature with SHA-1 (RFC 8332).
    return name in ("ssh-rsa", "none") or any(part in name for part in _WEAK)


def not_in_common(
    offered: Mapping[str, Sequence[str]], ours: paramiko.SecurityOptions
) -> dict[str, list[str]]:
    """Of what a server offers, by paramiko's names, the kinds of which we speak none."""
    found = {}
    for kind, (theirs, name) in _AGREED.items():
        names = [name for name in offered.get(theirs, ()) if not name.startswith(_SIGNS)]
        if names and not set(names) & set(getattr(ours, name)):
            found[kind] = names
    return found
