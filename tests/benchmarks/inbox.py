"""The inbox with a million tickets, against the same with ten thousand, and against plain SQL.

Each call is the whole request over the API as its caller sees it, object permissions on, in turns
on both databases. Both pages hold as many rows, so that only what lies behind them differs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.benchmarks import Row, Unavailable
from tests.services import PostgreSQL, ServiceError, postgres_program

# A process of its own: Django is set up for one database, and that is known only now.
CHILD: Final = (
    "import django; django.setup(); from tests.benchmarks._inbox_calls import main; main()"
)


def main() -> list[Row]:
    """A row for each kind of call; each call's figures go to stderr."""
    try:
        postgres_program("initdb")
    except ServiceError as missing:
        raise Unavailable(str(missing)) from None
    with tempfile.TemporaryDirectory(prefix="inbox-") as folder:
        server = PostgreSQL(Path(folder))
        try:
            server.start()
            named = {
                "SLIPWAY_DATABASE_URL": server.url,
                "SLIPWAY_REDIS_URL": "",
                "SLIPWAY_ALLOWED_HOSTS": "testserver",  # the name that a test client calls
            }
            command = [sys.executable, "-c", CHILD]
            measured = subprocess.run(
                command, env=os.environ | named, stdout=subprocess.PIPE, check=True
            )
        finally:
            server.stop()
    return [Row(**row) for row in json.loads(measured.stdout)]
