"""A kept SSH connection to one host."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from types import TracebackType
from typing import Final, Self

import paramiko

from config.core.errors import SSHAuthFailed, SSHUnreachable
from config.core.secrets import Secret
from environments.ssh import commands, host_keys, private_keys
from environments.ssh.exchange import Broken, Exchange
from environments.ssh.handshake import negotiate, unreachable

_KEEPALIVE: Final = 15  # seconds
_KILLED: Final = 255  # what OpenSSH's own client exits with when there is no exit code


@dataclass(frozen=True)
class Login:
    """Where and as whom. `host_key`: the pinned OpenSSH public key line, "" before enrolment."""

    host: str
    port: int
    user: str
    host_key: str
    private_key: Secret | None = None
    passphrase: Secret | None = None
    password: Secret | None = None
    sudo_password: Secret | None = None


class CommandFailed(Exception):
    """The host could not do what was asked of it; the message is what it said."""


@dataclass(frozen=True)
class Completed:
    """A command that ended; `exit_code` is 255 when a signal ended it."""

    exit_code: int
    stdout: bytes
    stderr: bytes

    def checked(self) -> Self:
        """Itself, if the exit code is 0; raises CommandFailed otherwise."""
        if self.exit_code != 0:
            said = self.stderr.decode(errors="replace").strip()
            raise CommandFailed(said or f"exit code {self.exit_code}")
        return self

    @property
    def words(self) -> list[str]:
        """What stdout says, word by word."""
        return self.stdout.decode(errors="replace").split()


class Connection:
    """An authenticated connection to a host whose key is the pinned one; commands run side by side.

    Thread-safe: each command has a channel of its own (sshd allows 10 at a time by default). Never
    use one across a fork. Commands run as root unless `as_root=False`: through sudo for other
    users, with `sudo_password` where sudo asks for one.
    """

    def __init__(self, login: Login, transport: paramiko.Transport) -> None:
        self.login = login
        self._transport = transport
        self._root_lock = threading.Lock()
        self._root_checked = login.user == "root"

    @classmethod
    def open(cls, login: Login, *, timeout: float = 10) -> Self:
        """Connects, checks the host's key, authenticates. `timeout`: seconds, for each of these.

        Raises SSHHostKeyUnknown and SSHHostKeyMismatch before anything of the credential is sent,
        SSHAuthFailed, SSHUnreachable.
        """
        expected = host_keys.pinned(login.host_key, login.host, login.port)
        transport = negotiate(
            login.host, login.port, host_key_algorithms=expected.algorithms, timeout=timeout
        )
        try:
            offered = transport.get_remote_server_key()
            host_keys.require(offered, expected, login.host, login.port)
            _authenticate(transport, login)
        except BaseException:
            transport.close()
            raise
        transport.set_keepalive(_KEEPALIVE)
        return cls(login, transport)

    @property
    def alive(self) -> bool:
        return bool(self._transport.is_authenticated())

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(
        self,
        command: str,
        *,
        stdin: bytes | Iterable[bytes] = b"",
        timeout: float = 30,
        as_root: bool = True,
    ) -> Completed:
        """Runs a shell command to its end, whatever its exit code.

        `timeout`: seconds from the end of stdin, and the longest pause while stdin is taken.
        Raises SSHUnreachable when the connection dies or time is over, SSHAuthFailed when root is
        asked for and sudo refuses. What iterating `stdin` raises comes through as it is.
        """
        stdout, stderr = bytearray(), bytearray()
        with self._execute(command, as_root=as_root) as (exchange, preamble):
            chunks = chain(preamble, [stdin] if isinstance(stdin, bytes) else stdin)
            for out, err in exchange.feed(chunks, timeout=timeout):
                stdout += out
                stderr += err
            deadline = time.monotonic() + timeout
            while arrived := exchange.read(deadline):
                stdout += arrived[0]
                stderr += arrived[1]
            exit_code = exchange.exit_code(deadline)
            if exit_code == -1:
                if not self.alive:
                    raise Broken("the connection broke")
                exit_code = _KILLED
        return Completed(exit_code, bytes(stdout), bytes(stderr))

    def stream(
        self, command: str, *, idle_timeout: float, stdin: bytes = b"", as_root: bool = True
    ) -> Iterator[bytes]:
        """Yields a command's stdout as it comes, until its end; its stderr is dropped.

        Raises SSHUnreachable when the connection dies or `idle_timeout` seconds are silent, and
        SSHAuthFailed as `run`. Closing the iterator closes the channel.
        """
        with self._execute(command, as_root=as_root) as (exchange, preamble):
            for out, _ in exchange.feed(chain(preamble, [stdin]), timeout=idle_timeout):
                if out:
                    yield out
            while arrived := exchange.read(time.monotonic() + idle_timeout):
                if arrived[0]:
                    yield arrived[0]

    @contextmanager
    def _execute(
        self, command: str, *, as_root: bool
    ) -> Iterator[tuple[Exchange, Iterable[bytes]]]:
        """The started command, and what its stdin must begin with."""
        if as_root:
            self._check_root()
            command, preamble = self._as_root(command)
        else:
            preamble = ()
        try:
            channel = self._transport.open_session()
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise self._unreachable(error) from error
        try:
            yield Exchange(channel, command), preamble
        except Broken as error:
            raise self._unreachable(error) from error
        finally:
            with suppress(OSError, EOFError):  # it says goodbye, and the connection may be gone
                channel.close()

    def _unreachable(self, reason: Exception) -> SSHUnreachable:
        return unreachable(self.login.host, self.login.port, reason)

    def _as_root(self, command: str) -> tuple[str, Iterable[bytes]]:
        login = self.login
        if login.user == "root":
            return command, ()
        if login.sudo_password is None:
            return commands.sudo(command), ()
        preamble = commands.sudo_preamble(login.sudo_password.reveal())
        return commands.sudo_with_password(command), (preamble,)

    def _check_root(self) -> None:
        """Once per connection: sudo's refusal can't be told from a command's own failure."""
        with self._root_lock:
            if self._root_checked:
                return
            command, preamble = self._as_root("true")
            if self.run(command, stdin=preamble, as_root=False).exit_code != 0:
                raise SSHAuthFailed(
                    f"The host does not let {self.login.user} become root with sudo.",
                    host=self.login.host,
                    port=self.login.port,
                )
            self._root_checked = True


def _authenticate(transport: paramiko.Transport, login: Login) -> None:
    """With the key if there is one, then the password; never an agent, never a key file."""
    attempts: list[Callable[[], object]] = []
    if login.private_key:
        try:
            key = private_keys.load(login.private_key, login.passphrase)
        except ValueError as error:
            raise SSHAuthFailed(str(error), host=login.host, port=login.port) from None
        attempts.append(partial(transport.auth_publickey, login.user, key))
    if login.password:
        password = login.password.reveal()
        attempts.append(partial(transport.auth_password, login.user, password))
    for attempt in attempts:
        try:
            attempt()
        except paramiko.AuthenticationException as error:
            if not transport.is_active() or "timeout" in str(error):
                raise unreachable(login.host, login.port, error) from error
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise unreachable(login.host, login.port, error) from error
        if transport.is_authenticated():  # neither refused nor one factor of several
            return
    raise SSHAuthFailed(host=login.host, port=login.port)
