"""Commands for hosts as pure values. No secret ever becomes part of one: those go over stdin."""

from __future__ import annotations

import shlex
from functools import cache
from importlib.resources import files
from typing import Final

# Ends the lines meant for sudo; what follows on stdin belongs to the command.
SUDO_DONE: Final = "--slipway--"


def script(text: str, *arguments: str) -> str:
    """`text` run by POSIX sh with `arguments` as $1, $2, …, whatever the user's login shell is."""
    return shlex.join(["sh", "-c", text, "sh", *arguments])


def program(*arguments: str) -> str:
    """POSIX sh that reads its program from stdin: so that can be long, and hold secrets."""
    return shlex.join(["sh", "-s", *arguments])


@cache
def host_script(*names: str) -> str:
    """The text of this package's host/<name>.sh, several put one after the other."""
    folder = files("environments.ssh") / "host"
    return "".join((folder / f"{name}.sh").read_text(encoding="utf-8") for name in names)


def write_file(path: str, data: bytes) -> bytes:
    """A line of sh that writes any bytes to a file, without another process.

    `path` is put between double quotes as it is.
    """
    for plain, escaped in ((b"\\", b"\\\\"), (b"%", b"%%"), (b"\0", b"\\000"), (b"'", b"'\\''")):
        data = data.replace(plain, escaped)
    return b"printf '%s' >\"%s\"\n" % (data, path.encode())


def sudo(command: str) -> str:
    """`command` as root, where sudo asks for no password; it fails at once where it does."""
    return f"sudo -n -- sh -c {shlex.quote(command)}"


def sudo_with_password(command: str) -> str:
    """`command` as root; its stdin must begin with `sudo_preamble`.

    Whether sudo reads the password depends on the host: a rule or a recent use may spare it. So
    root's shell skips what sudo left, up to the marker; the command finds exactly its own stdin.
    """
    skip = f'while IFS= read -r line && [ "$line" != {SUDO_DONE} ]; do :; done'
    return f"sudo -S -p '' -- sh -c {shlex.quote(f'{skip}; {command}')}"


def sudo_preamble(password: str) -> bytes:
    return f"{password}\n{SUDO_DONE}\n".encode()


def exports(variables: dict[str, str]) -> bytes:
    """Lines for sh to source; any value survives quoting, NUL apart."""
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()]
    return "".join(lines).encode(errors="surrogateescape")
