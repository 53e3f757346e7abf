"""A kept SSH connection to one host."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from types import TracebackType
from typing import Final, Self

import paramiko

from config.core.errors import SSHError, SSHUnreachable
from environments.ssh import commands
from environments.ssh.address import Address
from environments.ssh.authentication import refused, sign_in
from environments.ssh.exchange import Broken, Exchange
from environments.ssh.handshake import no_answer
from environments.ssh.login import Login, address_of
from environments.ssh.sessions import Sessions
from environments.ssh.shell import Shell
from environments.ssh.streams import Stream, tcp

__all__ = ["CommandFailed", "Completed", "Connection", "Login", "on_the_way"]

_PROHIBITED: Final = 1  # RFC 4254, 5.1
_KILLED: Final = 255  # what OpenSSH's own client exits with when there is no exit code


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

    Thread-safe: each command has a channel of its own; where the host allows no more of them on
    one connection (10 by default), others are opened. Never use one across a fork. Commands run as
    root unless `as_root=False`: through sudo for other users, with `sudo_password` where sudo asks
    for one.
    """

    def __init__(
        self, login: Login, sessions: Sessions, *, bastion: Connection | None = None
    ) -> None:
        """`bastion`: closed together with this."""
        self.login = login
        self._sessions = sessions
        self._bastion = bastion
        self._root_lock = threading.Lock()
        self._root_checked = login.user == "root"
        self._shells: deque[Shell] = deque()

    @classmethod
    def open(cls, login: Login, *, timeout: float = 10, through: Connection | None = None) -> Self:
        """Connects, checks the host's key, authenticates. `timeout`: seconds, for each of these.

        `through`: a connection to `login.via` that is there already; else one is opened, and
        closed with this. Raises SSHHostKeyUnknown and SSHHostKeyMismatch before anything of the
        credential is sent, SSHAuthFailed, SSHUnreachable; of the first host on the way that fails.
        """
        own = None
        if login.via and through is None:
            through = own = cls.open_for(login.host, login.port, login.via, timeout=timeout)
        dial = through.dial if through else tcp
        try:
            sessions = Sessions(lambda: sign_in(login, dial, timeout=timeout))
        except BaseException:
            if own:
                own.close()
            raise
        return cls(login, sessions, bastion=own)

    @classmethod
    def open_for(cls, host: str, port: int, via: Login, *, timeout: float = 10) -> Self:
        """A connection to the bastion `via`, whose errors say where one wanted to get."""
        with on_the_way(address_of(host, port, via)):
            return cls.open(via, timeout=timeout)

    @property
    def alive(self) -> bool:
        return self._sessions.alive

    def close(self) -> None:
        self._sessions.close()
        if self._bastion:
            self._bastion.close()

    def dial(self, address: Address, timeout: float) -> Stream:
        """A stream to what this host, as a bastion, can reach. Raises SSHUnreachable, of whichever
        of the two is to blame."""
        try:
            return self._sessions.main.open_channel(
                "direct-tcpip", (address.host, address.port), ("127.0.0.1", 0), timeout=timeout
            )
        except paramiko.ChannelException as error:
            if error.code == _PROHIBITED:
                text = f"as a bastion it lets nobody through to {address} (AllowTcpForwarding)"
                raise self._unreachable(text) from error
            raise no_answer(address, f"{self.login.address} says: {error.text}") from error
        except (OSError, EOFError, paramiko.SSHException) as error:
            if not self.alive:
                raise self._unreachable(error) from error
            raise no_answer(address, error) from error

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

    @contextmanager
    def shell(self, prelude: bytes) -> Iterator[Shell]:
        """A shell as root, which reads `prelude` first. It is kept for the next block, which must
        have the same prelude, where this one ends without an error and has read all that was said.

        Raises SSHUnreachable when the connection dies, also for what the block does with it, and
        SSHAuthFailed as `run`.
        """
        shell = self._kept_shell()
        if shell is None:
            exchange, preamble = self._start("sh -s", as_root=True)
            shell = Shell(exchange, [*preamble, prelude])
        try:
            yield shell
        except BaseException as error:
            shell.close()
            if isinstance(error, Broken):
                raise self._unreachable(error) from error
            raise
        self._shells.append(shell)

    def _kept_shell(self) -> Shell | None:
        while True:
            try:
                shell = self._shells.pop()
            except IndexError:
                return None
            if shell.is_at_rest:
                return shell
            shell.close()

    @contextmanager
    def _execute(
        self, command: str, *, as_root: bool
    ) -> Iterator[tuple[Exchange, Iterable[bytes]]]:
        """The started command, and what its stdin must begin with."""
        exchange, preamble = self._start(command, as_root=as_root)
        try:
            yield exchange, preamble
        except Broken as error:
            raise self._unreachable(error) from error
        finally:
            exchange.close()

    def _start(self, command: str, *, as_root: bool) -> tuple[Exchange, Iterable[bytes]]:
        preamble: Iterable[bytes] = ()
        if as_root:
            self._check_root()
            command, preamble = self._as_root(command)
        try:
            return Exchange(self._sessions.open(), command), preamble
        except paramiko.ChannelException as error:
            raise self._unreachable(f"{error.text} (see MaxSessions)") from error
        except (Broken, OSError, EOFError, paramiko.SSHException) as error:
            raise self._unreachable(error) from error

    def _unreachable(self, reason: object) -> SSHUnreachable:
        return no_answer(self.login.address, reason)

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
            tried = self.run(command, stdin=preamble, as_root=False)
            if tried.exit_code != 0:
                text = f"{self.login.address} does not let {self.login.user} become root with sudo"
                raise refused(self.login, ": ".join([text, *_last_line(tried.stderr)]))
            self._root_checked = True


@contextmanager
def on_the_way(address: Address) -> Iterator[None]:
    """Says in the errors of a bastion where one wanted to get."""
    try:
        yield
    except SSHError as error:
        error.message = f"On the way to {address}: {error.message}"
        raise


def _last_line(stderr: bytes) -> list[str]:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return [line[:200] for line in lines[-1:]]
