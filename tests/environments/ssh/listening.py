"""What a program on a host says, as it comes."""

from __future__ import annotations

from collections.abc import Generator

from environments.ssh.connection import Connection


def said(
    connection: Connection, program: str, *, idle_timeout: float = 60
) -> Generator[bytes, None, None]:
    """Of a POSIX shell's program, which ends by `exit` or `exec`. Raises as `Connection.shell`."""
    with connection.shell(b"") as shell:
        yield from shell.run(f"{program}\n".encode(), idle_timeout=idle_timeout)
