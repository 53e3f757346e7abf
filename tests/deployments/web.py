"""Slipway's web processes on the tests' own database, and callers in processes of their own."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

START_SECONDS = 60
CALL_SECONDS = 300
_together: Barrier | None = None


class Seen(NamedTuple):
    status: int
    code: str
    release_id: int | None


@contextmanager
def serving(database: dict[str, Any], folder: Path, *, workers: int = 2) -> Iterator[int]:
    """A port of the loopback where `workers` processes answer, with Django's `database`."""
    from tests.services import free_port  # noqa: PLC0415, RUF100 - not what callers' processes need

    port = free_port()
    user, password = quote(database["USER"]), quote(database["PASSWORD"])
    address = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "SLIPWAY_DATA_DIR": str(folder),
        "SLIPWAY_DATABASE_URL": f"postgres://{user}:{password}@{address}",
    }
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--lifespan", "off"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
    log = folder / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        _wait_for(port, log)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"nothing answers:\n{log.read_text(errors='replace')[-3000:]}")


def calls_at_once(
    port: int, path: str, *, token: str, body: dict[str, Any], processes: int, each: int
) -> list[Seen]:
    """What `processes` callers, each `each` times in a row, were answered to the same POST; all
    begin at the same moment."""
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(processes)
    with ProcessPoolExecutor(processes, context, _meet, (together,)) as pool:
        running = [pool.submit(_call, port, path, token, body, each) for _ in range(processes)]
        return [seen for future in running for seen in future.result(CALL_SECONDS)]


def _meet(together: Barrier) -> None:
    global _together  # noqa: PLW0603, RUF100 - a barrier is inherited, never sent
    _together = together


def _call(port: int, path: str, token: str, body: dict[str, Any], times: int) -> list[Seen]:
    assert _together is not None
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=CALL_SECONDS)
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    _together.wait(CALL_SECONDS)
    found = []
    for _ in range(times):
        connection.request("POST", f"/api/v1{path}", json.dumps(body), headers)
        answer = connection.getresponse()
        told = json.loads(answer.read())
        found.append(Seen(answer.status, told.get("code", ""), told.get("release_id")))
    return found
