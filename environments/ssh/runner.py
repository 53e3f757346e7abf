"""The remote runner: jobs on a host that outlive the connection and the worker that started them.

Each job has a directory on the host, and these files in it:

    claim    made once, under the lock: whoever makes it runs the job, nobody after that
    lock     held by the wrapper (host/wrapper.sh) as long as it lives; the kernel frees it, also
             on kill -9 and reboot, so "claimed, lock free, no result" is exactly a lost job
    out      stdout and stderr of the script as it wrote them, only ever appended to
    result   exit code, how it ended, size of `out` then; read only once the lock is free
    work/    the script's current directory: the script and the job's files

The programs used there: POSIX sh, grep, GNU coreutils (timeout, stat, dd, head), util-linux
(setsid, flock), and /proc.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from functools import cache
from typing import Final

from config.core.errors import SSHUnreachable
from environments.ssh import commands
from environments.ssh.connection import CommandFailed, Connection
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
_SILENCE: Final = 60.0  # seconds; follow.sh says that it is alive every 10
_host_script = cache(commands.host_script)


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
        self._connection.run(self._start(job), stdin=job.archive()).checked()

    def run(self, job: Job) -> Iterator[bytes]:
        """`start` and `follow` in one round trip."""
        command = f"{self._start(job)} 2>&1 && exec {self._follow(job.id, 0)}"
        return self._output(job.id, command, stdin=job.archive())

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
        return self._output(job_id, self._follow(job_id, offset))

    def outcome(self, job_id: str) -> Outcome:
        """How the job ended. Raises JobLost, JobAbsent, and JobError while it is running."""
        if known := self._outcomes.get(job_id):
            return known
        status, outcome = self._look(job_id)
        if outcome:
            return outcome
        failures = {Status.LOST: JobLost, Status.ABSENT: JobAbsent}
        raise failures.get(status, JobError)(f"{job_id}: {status.value}")

    def cancel(self, job_id: str, *, grace: float = 5) -> bool:
        """Ends the job and all it started: TERM, after `grace` seconds KILL. True if it is gone.

        A job that was not started never will be. One that has ended keeps its outcome, one that is
        lost stays lost. What it started is its session, and whatever left that but inherited its
        environment; not services or containers it asked others to run.
        """
        command = self._command("cancel", job_id, _tenths(grace))
        return self._connection.run(command, timeout=grace + 60).exit_code == 0

    def discard(self, job_id: str) -> None:
        """Removes the job's directory, if any: its id is free then. CommandFailed if it runs."""
        self._connection.run(self._command("discard", job_id)).checked()
        self._outcomes.pop(job_id, None)

    def _output(self, job_id: str, command: str, *, stdin: bytes = b"") -> Iterator[bytes]:
        """What follow.sh frames; its last line becomes the outcome."""
        stream = _Reader(self._connection.stream(command, idle_timeout=_SILENCE, stdin=stdin))
        while True:
            match stream.line().split():
                case ["data", size]:
                    yield from stream.take(int(size))
                case ["alive"]:
                    pass
                case ["end", *words]:
                    self._outcomes[job_id] = Outcome.parse(words)
                    return
                case ["lost"]:
                    raise JobLost(job_id)
                case ["absent"]:
                    raise JobAbsent(job_id)
                case words:
                    raise CommandFailed(" ".join(words))

    def _look(self, job_id: str) -> tuple[Status, Outcome | None]:
        match self._connection.run(self._command("status", job_id)).checked().words:
            case ["end", *words]:
                return Status.FINISHED, Outcome.parse(words)
            case [word]:
                return Status(word), None
            case words:
                raise CommandFailed(" ".join(words))

    def _start(self, job: Job) -> str:
        wrapper = _host_script("stop", "wrapper")
        settings = (secrets.token_hex(4), str(job.timeout), _tenths(_GRACE), wrapper)
        return self._command("start", job.id, *settings, *job.interpreter)

    def _follow(self, job_id: str, offset: int) -> str:
        return self._command("follow", job_id, str(offset))

    def _command(self, name: str, job_id: str, *arguments: str) -> str:
        text = _host_script("stop", name) if name == "cancel" else _host_script(name)
        return commands.script(text, self._base, checked_id(job_id), *arguments)


class _Reader:
    """Lines and counted bytes from a stream of chunks. SSHUnreachable if it ends in between."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
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
            raise SSHUnreachable("The host stopped sending a job's output.") from None


def _tenths(seconds: float) -> str:
    return str(round(seconds * 10))
