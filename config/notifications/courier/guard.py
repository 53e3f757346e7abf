"""Where this process may connect to: checked at the connection itself.

An audit hook (PEP 578) sees every `connect` of the process with the address that it is about, after
all resolving: a name that answers differently the second time, a redirect, a mail server or a
library's own ways change nothing. It can't be taken away again.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any, Final

from .failure import forbidden

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_RELAYS: Final = IPv4Network("192.88.99.0/24")  # 6to4 anycast (RFC 7526)
_SENDS: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_PROGRAMS: Final = ("subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system")


class Forbidden(OSError):
    """The address is none that notifications go to."""


def is_public(address: Address) -> bool:
    """Not loopback, private, link-local, shared, multicast, reserved; nor an IPv6 form of such."""
    if isinstance(address, IPv6Address):
        inner = embedded(address)
        if inner is not None:
            return is_public(inner)
        return address in _GLOBAL_UNICAST and address.is_global and not address.is_multicast
    return address.is_global and not address.is_multicast and address not in _RELAYS


def embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this one end up at: mapped, 6to4 or NAT64."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


class Guard:
    """Lets connections to public addresses and to `networks` through, and remembers what it did.
    With `only_networks`, public ones are refused too."""

    def __init__(self, networks: Sequence[str], *, only_networks: bool = False) -> None:
        self._networks: list[Network] = [ip_network(text) for text in networks]
        self._only_networks = only_networks
        self.refused = 0
        self.passed = 0

    def allows(self, host: object) -> bool:
        """`host`: an address as text. A name, which would be resolved after this, is refused."""
        try:
            address = ip_address(str(host).partition("%")[0])
        except ValueError:
            return False
        forms = [address]
        if isinstance(address, IPv6Address) and (inner := embedded(address)):
            forms.append(inner)
        if any(form in network for form in forms for network in self._networks):
            return True
        return not self._only_networks and is_public(address)

    def install(self) -> None:
        sys.addaudithook(self._look)

    def _look(self, event: str, args: tuple[Any, ...]) -> None:
        if event in _SENDS:
            address = args[1]
            if not isinstance(address, tuple) or not self.allows(address[0]):
                self.refused += 1
                raise Forbidden("not an address that notifications go to")
            self.passed += 1
        elif event.startswith(_PROGRAMS):
            raise Forbidden("a courier starts no programs")

    def require_host(self, host: str) -> None:
        """Raises Undelivered for an address that is refused; a name is looked at when it is
        connected to."""
        host = host.strip("[]")
        try:
            ip_address(host.partition("%")[0])
        except ValueError:
            local = host.lower().rstrip(".")
            if local != "localhost" and not local.endswith(".localhost"):
                return
            host = "127.0.0.1"
        if not self.allows(host):
            raise forbidden()
