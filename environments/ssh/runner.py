"""The remote runner: jobs on a host that outlive the connection and the worker that started them.

Each job has a directory on the host, and these files in it:

    claim    made once, under the lock: whoever makes it runs the job, nobody after that; names
             the start of the host
    lock     held by the wrapper (host/wrapper.sh) as long as it lives; the kernel frees it, also
             on kill -9 and reboot, so "claimed, lock free, no result" is exactly a lost job
    out      stdout and stderr of the script as it wrote them, only ever appended to
    result   exit code, how it ended, size of `out` then; read only once the lock is free
    pid      the wrapper's, emptied when the script is over
    TOKEN/   what one start brought, and the script's current directory: the script, its files

The programs used there: POSIX sh, grep, GNU coreutils (timeout, wc, dd), util-linux (setsid,
flock), and /proc.
"""

from __future__ import annotations

import secrets
import shlex
import time
from collections.abc import Iterator
from typing import Final

from config.core.errors import SSHUnreachable
from environments.ssh import commands
from environments.ssh.connection import CommandFailed, Connection, Login
from environments.ssh.handshake import unreachable
from environments.ssh.jobs import (
    Job,
    JobAbsent,
    JobError,
    JobLost,
    Outcome,
    Status,
    checked_id,
)

__all__ = ["Job", "JobAbsent", "JobError", "JobLost", "Outcome", "RemoteRunner", "Status"]

_GRACE: Final = 5.0  # seconds between TERM and KILL when a job's time is over
_LOST: Final = "This was ended from outside: nobody knows how far it got."
_REBOOTED: Final = "The host was restarted while this ran: nobody knows how far it got."
_SILENCE: Final = 60.0  # seconds; follow.sh says that it is alive every 10
_BLOCK: Final = 256 * 1024  # bytes of output handed out at once, if that many come …
_SOON: Final = 0.2  # … within so many seconds
_FUNCTIONS: Final = ("boot", "stop", "wrapper", "start", "follow")


class RemoteRunner:
    """Runs jobs on one host. Everything is kept there: any worker can go on where another stopped.

    Every method raises SSHUnreachable when the connection dies, and can then be called again, and
    CommandFailed when the host can't do it (a full disk, a program that is missing).
    """

    def __init__(self, connection: Connection, *, base: str = "/var/lib/slipway/runs") -> None:
        self._connection = connection
        self._base = base
        self._outcomes: dict[str, Outcome] = {}

    def start(self, job: Job) -> None:
        """Starts the job unless it ever was started or cancelled, by whomever: it runs once."""
        program = job.functions() + self._call("start", job.id, *self._how(job))
        needed = commands.host_script("boot", "stop", "wrapper", "start").encode()
        self._connection.run("sh -s", stdin=needed + program).checked()

    def run(self, job: Job) -> Iterator[bytes]:
        """`start`, and `follow` from the beginning, in one round trip."""
        start = self._call("start", job.id, *self._how(job))
        return self._output(job.id, job.functions() + start + self._call("follow", job.id, "0"))

    def status(self, job_id: str) -> Status:
        status, outcome = self._look(job_id)
        if outcome:
            self._outcomes[job_id] = outcome
        return status

    def follow(self, job_id: str, offset: int = 0) -> Iterator[bytes]:
        """Yields the job's output from byte `offset` on as it is written, until the job's end.

        When this ends all of `output_size` was yielded, and `outcome` needs no round trip. After
        SSHUnreachable, call it on a new connection with the offset reached. Raises JobLost, after
        all the output there is, and JobAbsent.
        """
        return self._output(job_id, self._call("follow", checked_id(job_id), str(offset)))

    def outcome(self, job_id: str) -> Outcome:
        """How the job ended. Raises JobLost, JobAbsent, and JobError while it is running."""
        if known := self._outcomes.get(job_id):
            return known
        status, outcome = self._look(job_id)
        if outcome:
            return outcome
        if status == Status.LOST:
            raise JobLost(_LOST)
        failures = {Status.ABSENT: JobAbsent}
        raise failures.get(status, JobError)(f"{job_id}: {status.value}")

    def cancel(self, job_id: str, *, grace: float = 5) -> bool:
        """Ends the job and all it started: TERM, after `grace` seconds KILL. True if it is gone.

        A job that was not started never will be. One that has ended keeps its outcome, one that is
        lost stays lost. What it started is its session, and whatever left that but inherited its
        environment; not services or containers it asked others to run.
        """
        command, program = self._verb("cancel", job_id, _tenths(grace), needs=("stop",))
        return self._connection.run(command, stdin=program, timeout=grace + 60).exit_code == 0

    def discard(self, job_id: str) -> None:
        """Removes the job's directory, if any: its id is free then. CommandFailed if it runs."""
        command, program = self._verb("discard", job_id)
        self._connection.run(command, stdin=program).checked()
        self._outcomes.pop(job_id, None)

    def _output(self, job_id: str, program: bytes) -> Iterator[bytes]:
        """What follow.sh frames; its last line becomes the outcome."""
        # An error message is a line that is no frame's.
        prelude = f"exec 2>&1\n{commands.host_script(*_FUNCTIONS)}".encode()
        with self._connection.shell(prelude) as shell:
            # A shell of its own, for half a program does nothing, and `set -e` ends no more.
            said = shell.run(
                b"(\n%s)\n[ $? = 0 ] || echo failed\n" % program, idle_timeout=_SILENCE
            )
            stream = _Reader(said, self._connection.login)
            while True:
                match stream.line().split():
                    case ["data", size]:
                        yield from stream.take(int(size))
                    case ["alive"]:
                        pass
                    case ["end", *words]:
                        self._outcomes[job_id] = Outcome.parse(words)
                        return
                    case ["lost", *why]:
                        raise JobLost(_REBOOTED if why else _LOST)
                    case ["absent"]:
                        raise JobAbsent(job_id)
                    case words:
                        raise CommandFailed(" ".join(words))

    def _look(self, job_id: str) -> tuple[Status, Outcome | None]:
        command, program = self._verb("status", job_id)
        match self._connection.run(command, stdin=program).checked().words:
            case ["end", *words]:
                return Status.FINISHED, Outcome.parse(words)
            case [word]:
                return Status(word), None
            case words:
                raise CommandFailed(" ".join(words))

    def _how(self, job: Job) -> list[str]:
        return [secrets.token_hex(4), str(job.timeout), _tenths(_GRACE), *job.interpreter]

    def _call(self, function: str, *arguments: str) -> bytes:
        """A line that calls one of host/*.sh's functions."""
        line = shlex.join([function, self._base, *arguments])
        return f"{line}\n".encode(errors="surrogateescape")

    def _verb(
        self, name: str, job_id: str, *arguments: str, needs: tuple[str, ...] = ()
    ) -> tuple[str, bytes]:
        """The command, and the program for its stdin: host/<name>.sh, and what that `needs`.

        The program defines functions, and calls one in its last line: half of it does nothing.
        """
        command = commands.program(self._base, checked_id(job_id), *arguments)
        return command, f'{commands.host_script(*needs, name)}{name} "$@"\n'.encode()


class _Reader:
    """Lines and counted bytes from a stream of chunks. SSHUnreachable if it ends in between."""

    def __init__(self, chunks: Iterator[bytes], login: Login) -> None:
        self._chunks = chunks
        self._login = login
        self._pending = b""

    def line(self) -> str:
        while b"\n" not in self._pending:
            self._pending += self._next()
        line, _, self._pending = self._pending.partition(b"\n")
        return line.decode(errors="replace")

    def take(self, size: int) -> Iterator[bytes]:
        """Few blocks rather than the many small pieces that arrive: each costs who stores it."""
        block, began = bytearray(), time.monotonic()
        while size:
            try:
                piece = self._pending or self._next()
            except SSHUnreachable:
                if block:
                    yield bytes(block)
                raise
            block += piece[:size]
            self._pending = piece[size:]
            size -= min(size, len(piece))
            if len(block) >= _BLOCK or time.monotonic() - began > _SOON or not size:
                yield bytes(block)
                block, began = bytearray(), time.monotonic()

    def _next(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            reason = "it stopped sending a job's output"
            raise unreachable(self._login.host, self._login.port, reason) from None


def _tenths(seconds: float) -> str:
    return str(round(seconds * 10))
