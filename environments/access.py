"""How Slipway signs in to a node. The one place where credentials are opened."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from config.core.errors import SSHUnreachable
from config.core.fields import reveal
from config.core.secrets import Secret
from environments.models import Bastion, EnvironmentNode, SSHCredential
from environments.ssh.connection import Login

SECRET_FIELDS = ("private_key", "passphrase", "password", "sudo_password")
LONGEST_WAY: Final = 5  # bastions, one behind the other


def login_of(node: EnvironmentNode) -> Login:
    """For `ConnectionPool.get`. Without a host key, as before enrolment, it can't be reached.

    Raises SSHUnreachable if the way there has no end.
    """
    return _login(node, login_through(node.bastion))


def login_through(last: Bastion | None) -> Login | None:
    """The `via` of a login to what is behind the bastion `last`. Raises as `login_of`."""
    login = None
    for bastion in way_to(last):
        login = _login(bastion, login)
    return login


def way_to(last: Bastion | None) -> list[Bastion]:
    """The bastions up to `last`, in the order that they are passed. Raises SSHUnreachable if they
    are more than `LONGEST_WAY`, or lead in a circle."""
    found = list(islice(_back_from(last), LONGEST_WAY + 1))
    if last and len(found) > LONGEST_WAY:
        text = f"The way through the bastion {last} is too long, or leads in a circle."
        raise SSHUnreachable(text, host=last.host, port=last.port)
    return found[::-1]


def secrets_of(node: EnvironmentNode) -> list[Secret]:
    """What must not show in anything this node prints: also what opens the way to it."""
    bastions = islice(_back_from(node.bastion), LONGEST_WAY)
    credentials = [node.credential, *(bastion.credential for bastion in bastions)]
    return [secret for each in credentials for secret in _secrets(each).values() if secret]


def _back_from(last: Bastion | None) -> Iterator[Bastion]:
    """Without end, where they lead in a circle."""
    while last is not None:
        yield last
        last = last.via


def _login(host: EnvironmentNode | Bastion, via: Login | None) -> Login:
    secrets = {name: secret or None for name, secret in _secrets(host.credential).items()}
    return Login(
        host=host.host,
        port=host.port,
        user=host.user,
        host_key=host.host_key,
        private_key=secrets["private_key"],
        passphrase=secrets["passphrase"],
        password=secrets["password"],
        sudo_password=secrets["sudo_password"],
        via=via,
    )


def _secrets(credential: SSHCredential) -> dict[str, Secret]:
    return {name: reveal(credential, name) for name in SECRET_FIELDS}
