"""Networks, from one line of text: where clusters never are, and where notifications may go."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from django.core.exceptions import ImproperlyConfigured

NAME: Final = "SLIPWAY_CLUSTER_DENIED_NETWORKS"
NOTIFIED: Final = "SLIPWAY_NOTIFICATION_ALLOWED_NETWORKS"
# Link-local and "this host" addresses, multicast, and where clouds answer with credentials.
NEVER: Final = (
    "0.0.0.0/8,::/128,169.254.0.0/16,fe80::/10,224.0.0.0/4,ff00::/8,"
    "fd00:ec2::254/128,100.100.100.200/32"
)
LOOPBACK: Final = "127.0.0.0/8,::1/128"

Network = IPv4Network | IPv6Network


def denied_networks(text: str) -> tuple[Network, ...]:
    """The networks of a comma list; an empty text denies nothing. Raises ImproperlyConfigured,
    saying which part is wrong."""
    return _networks(NAME, text)


def allowed_networks(text: str) -> tuple[Network, ...]:
    """The same, of networks that notifications may reach though they are not public."""
    return _networks(NOTIFIED, text)


def _networks(name: str, text: str) -> tuple[Network, ...]:
    return tuple(_network(name, part.strip()) for part in text.split(",") if part.strip())


def _network(name: str, text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: {text!r} should be a network such as 10.0.0.0/8: {error}."
        ) from None
