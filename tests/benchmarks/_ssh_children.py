"""Runs a benchmark's measuring part in a process of its own, on PostgreSQL where that is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks import Row, Unavailable
from tests.services import PostgreSQL, ServiceError, postgres_program

# Where the hosts write. They have no disk in common, and on one where files were deleted in the
# last minutes, by whomever, ext4 looks long for an inode that it may use.
_MEMORY = Path("/dev/shm")
# Django is set up for one database, and that is known only then.
_CHILD = "import django; django.setup(); from tests.benchmarks.{module} import main; main()"


def rows_of(module: str, **environment: str) -> list[Row]:
    """What `main()` of tests.benchmarks.<module> prints: JSON, a list of rows, or the reason why
    there are none."""
    with ExitStack() as stack:
        folder, memory = (
            stack.enter_context(tempfile.TemporaryDirectory(prefix=f"{module[1:]}-", dir=where))
            for where in (None, _MEMORY if _MEMORY.is_dir() else None)
        )
        postgres = _postgres(Path(folder))
        named = {
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "SLIPWAY_DATABASE_URL": postgres.url if postgres else "",
            "SLIPWAY_REDIS_URL": "",
            "SLIPWAY_ALLOWED_HOSTS": "testserver",  # the name that a test client calls
            "SLIPWAY_REMOTE_DIR": f"{memory}/remote",
        }
        command = [sys.executable, "-c", _CHILD.format(module=module)]
        try:
            done = subprocess.run(
                command, env=os.environ | named | environment, stdout=subprocess.PIPE, check=True
            )
        finally:
            if postgres:
                postgres.stop()
    found = json.loads(done.stdout)
    if isinstance(found, str):
        raise Unavailable(found)
    return [Row(**row) for row in found]


def _postgres(folder: Path) -> PostgreSQL | None:
    try:
        postgres_program("initdb")
    except ServiceError:
        sys.stderr.write("no PostgreSQL here: on SQLite\n")
        return None
    server = PostgreSQL(folder)
    server.start()
    return server
