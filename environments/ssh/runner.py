"""The remote runner: jobs on a host that outlive the connection and the worker that started them.

Each job has a directory on the host, and these files in it:

    claim    made once, under the lock: whoever makes it runs the job, nobody after that; names
             the start of the host
    lock     held by the wrapper (host/wrapper.sh) as long as it lives; the kernel frees it, also
             on kill -9 and reboot, so "claimed, lock free, no result" is exactly a lost job
    out      stdout and stderr of the script as it wrote them, only ever appended to
    result   exit code, how it ended, size of `out` then; read only once the lock is free
    TOKEN/   what one start brought; in work/, the script's current directory, the script and
             the job's files

The programs used there: POSIX sh, grep, GNU coreutils (timeout, stat, dd), util-linux (setsid,
flock), and /proc.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Final

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
        command, program = self._start(job)
        self._connection.run(command, stdin=program).checked()

    def run(self, job: Job) -> Iterator[bytes]:
        """`start`, and `follow` from the beginning, in one round trip."""
        command, program = self._start(job)
        follow = commands.host_script("follow") + 'follow "$1" "$2" 0\n'
        return self._output(job.id, command, program + follow.encode())

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
        return self._output(job_id, *self._verb("follow", job_id, str(offset), needs=("boot",)))

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

    def _output(self, job_id: str, command: str, program: bytes) -> Iterator[bytes]:
        """What follow.sh frames; its last line becomes the outcome."""
        program = b"exec 2>&1\n" + program  # an error message is a line that is no frame's
        chunks = self._connection.stream(command, idle_timeout=_SILENCE, stdin=program)
        stream = _Reader(chunks, self._connection.login)
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

    def _start(self, job: Job) -> tuple[str, bytes]:
        settings = (secrets.token_hex(4), str(job.timeout), _tenths(_GRACE))
        command, program = self._verb(
            "start", job.id, *settings, *job.interpreter, needs=("boot", "stop", "wrapper")
        )
        return command, job.put_files() + program

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
        while size:
            piece = self._pending or self._next()
            piece, self._pending = piece[:size], piece[size:]
            size -= len(piece)
            yield piece

    def _next(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            reason = "it stopped sending a job's output"
            raise unreachable(self._login.host, self._login.port, reason) from None


def _tenths(seconds: float) -> str:
    return str(round(seconds * 10))
