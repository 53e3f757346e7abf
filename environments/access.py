"""How Slipway signs in to a node. The one place where credentials are opened."""

from __future__ import annotations

from config.core.fields import reveal
from config.core.secrets import Secret
from environments.models import EnvironmentNode, SSHCredential
from environments.ssh.connection import Login

SECRET_FIELDS = ("private_key", "passphrase", "password", "sudo_password")


def login_of(node: EnvironmentNode) -> Login:
    """For `ConnectionPool.get`. Without a host key, as before enrolment, it can't be reached."""
    return Login(
        host=node.host,
        port=node.port,
        user=node.user,
        host_key=node.host_key,
        **{name: secret for name, secret in _secrets(node.credential).items() if secret},
    )


def secrets_of(node: EnvironmentNode) -> list[Secret]:
    """What must not show in anything this node prints."""
    return [secret for secret in _secrets(node.credential).values() if secret]


def _secrets(credential: SSHCredential) -> dict[str, Secret]:
    return {name: reveal(credential, name) for name in SECRET_FIELDS}
