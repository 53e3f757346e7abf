"""Signing in to a host whose key is the pinned one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import paramiko

from config.core.errors import SSHAuthFailed, SSHError
from config.core.secrets import Secret
from environments.ssh import host_keys, private_keys
from environments.ssh.handshake import negotiate, no_answer
from environments.ssh.login import Login
from environments.ssh.streams import Dial
from environments.ssh.transport import Transport

_Prompts = list[tuple[str, bool]]
_INTERACTIVE: Final = "keyboard-interactive"


def sign_in(login: Login, dial: Dial, *, timeout: float) -> Transport:
    """An authenticated transport that is kept alive. `timeout`: seconds, per step.

    Raises SSHHostKeyUnknown and SSHHostKeyMismatch before anything of the credential is sent,
    SSHAuthFailed, SSHUnreachable.
    """
    expected = host_keys.pinned(login.host_key, login.address)
    transport = negotiate(
        login.address, dial=dial, host_key_algorithms=expected.algorithms, timeout=timeout
    )
    try:
        host_keys.require(transport.get_remote_server_key(), expected, login.address)
        _authenticate(transport, login)
    except BaseException:
        transport.close()
        raise
    transport.keep_alive()
    return transport


def refused(login: Login, text: str) -> SSHAuthFailed:
    return SSHAuthFailed(text, **login.address.data)


def _attempts(login: Login) -> list[Callable[[paramiko.Transport], object]]:
    """With the key if there is one, then the password; never an agent, never a key file."""
    attempts: list[Callable[[paramiko.Transport], object]] = []
    if login.private_key:
        try:
            key = private_keys.load(login.private_key, login.passphrase)
        except private_keys.UnusableKey as error:
            raise refused(login, str(error)) from None
        attempts.append(lambda transport: transport.auth_publickey(login.user, key))
    if login.password:
        attempts.append(partial(_with_password, login=login, password=login.password))
    return attempts


def _authenticate(transport: paramiko.Transport, login: Login) -> None:
    for attempt in _attempts(login):
        try:
            attempt(transport)
        except paramiko.AuthenticationException as error:
            if not transport.is_active() or "timeout" in str(error):
                raise no_answer(login.address, error) from error
        except SSHError:
            raise
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise no_answer(login.address, error) from error
        if transport.is_authenticated():  # neither refused nor one factor of several
            return
    raise refused(login, f"{login.address} refused the credential.")


def _with_password(transport: paramiko.Transport, login: Login, password: Secret) -> None:
    """As a password, or where the host takes none so, as the answer to its only question."""
    try:
        transport.auth_password(login.user, password.reveal(), fallback=False)
    except paramiko.BadAuthenticationType as error:
        if _INTERACTIVE not in error.allowed_types:
            raise
        _answer_once(transport, login, password)


def _answer_once(transport: paramiko.Transport, login: Login, password: Secret) -> None:
    """Whoever asks twice, or shows what is typed, wants something else: a code, a new password."""
    asked: list[str] = []

    def answer(_title: str, _instructions: str, prompts: _Prompts) -> list[str]:
        asked.extend(prompt.strip() for prompt, _ in prompts)
        if len(asked) > 1 or any(shown for _, shown in prompts):
            return [""] * len(prompts)
        return [password.reveal()] * len(prompts)

    try:
        transport.auth_interactive(login.user, answer)
    except paramiko.AuthenticationException:
        if len(asked) > 1 and transport.is_active():
            text = f"{login.address} asks for more than a password: {asked[1][:80]!r}"
            raise refused(login, text) from None
        raise
