"""What the remote runner is given, and what it answers."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from config.core.secrets import Secret
from environments.ssh import commands

_ID: Final = re.compile(r"[a-z0-9-]+")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FILE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_SCRIPT: Final = "script"


class JobError(Exception):
    """The job is not in a state that has an answer."""


class JobLost(JobError):
    """Started once, and its wrapper is gone without a result: nobody knows how it ended."""


class JobAbsent(JobError):
    """Nobody started it, or it was discarded."""


@dataclass(frozen=True)
class Job:
    """A script to run once on a host.

    `timeout`: seconds, kept by the host itself. `files`: small files put beside the script, which
    is started in their directory by the interpreter of its first line, else by sh. The script sees
    `env`, and SLIPWAY_JOB, its directory. Its output is a file: it may write to `&2`, but opening
    /dev/stderr or /dev/stdout anew without appending would empty that file.
    """

    id: str
    script: bytes = field(repr=False)
    env: Mapping[str, str | Secret]
    timeout: int
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        checked_id(self.id)
        if self.timeout < 1:
            raise ValueError(f"a job's timeout is at least one second, not {self.timeout}")
        for name in self.env:
            if not _VARIABLE.fullmatch(name):
                raise ValueError(f"not a variable's name: {name!r}")
            if "\0" in _clear(self.env[name]):
                raise ValueError(f"a variable can't hold NUL: {name}")
        for name in self.files:
            if not _FILE.fullmatch(name) or name == _SCRIPT:
                raise ValueError(f"not a name for a file beside the script: {name!r}")

    @property
    def interpreter(self) -> list[str]:
        """The words of the script's first line (execve(2)): the file system may be noexec."""
        first = self.script.partition(b"\n")[0]
        words = first.removeprefix(b"#!").decode(errors="surrogateescape").strip().split(maxsplit=1)
        return words if first.startswith(b"#!") and words else ["sh"]

    def functions(self) -> bytes:
        """Of sh: `put_files` writes all its files to the directory $1, `set_env` sets `env`."""
        env = {name: _clear(value) for name, value in self.env.items()}
        contents = {_SCRIPT: self.script, **self.files}
        lines = [commands.write_file(f"$1/{name}", data) for name, data in contents.items()]
        variables = [b"}\nset_env() {\n:\n", commands.exports(env), b"}\n"]
        return b"".join([b"put_files() {\n", *lines, *variables])


class Status(enum.Enum):
    """`LOST`: started, without a result, and its wrapper is gone, as after a reboot."""

    ABSENT = "absent"
    RUNNING = "running"
    FINISHED = "finished"
    LOST = "lost"


@dataclass(frozen=True)
class Outcome:
    """How a job ended. `output_size`: bytes of output at the end of the script.

    `exit_code`: the script's own, 128 + n when signal n ended it, 124 when its time was over, or
    137 if it then had to be killed.
    """

    exit_code: int
    timed_out: bool
    cancelled: bool
    output_size: int

    @classmethod
    def parse(cls, words: list[str]) -> Self:
        """From what the host prints: "CODE ENDING SIZE"."""
        code, ending, size = words
        return cls(int(code), ending == "timed_out", ending == "cancelled", int(size))


def checked_id(job_id: str) -> str:
    """The id, fit to be a directory's name; ValueError otherwise."""
    if not _ID.fullmatch(job_id):
        raise ValueError(f"not a job id: {job_id!r}")
    return job_id


def _clear(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value
