"""A Slipway of the demo's own: its data directory, its port, ended with the demo."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.demo.api import API, APIError, until

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def running(data_dir: Path, bundle_root: Path) -> Iterator[tuple[API, dict[str, str]]]:
    """`manage.py serve` until the block ends: its API as an admin, and the admin's login."""
    port = _free_port()
    environment = {
        **os.environ,
        "SLIPWAY_DATA_DIR": str(data_dir),
        "SLIPWAY_BUNDLE_ROOT": str(bundle_root),
    }
    manage = [sys.executable, str(ROOT / "manage.py")]
    data_dir.mkdir(parents=True, exist_ok=True)
    subprocess.run([*manage, "migrate", "--verbosity", "0"], env=environment, check=True)
    password = secrets.token_urlsafe(9)
    told = subprocess.run(
        [*manage, "bootstrap", "--username", "admin", "--password", password, "--token", "--json"],
        env=environment,
        check=True,
        capture_output=True,
    )
    with (data_dir / "serve.log").open("ab") as log:
        server = _serve(manage, port, environment, log)
        try:
            api = API(f"http://127.0.0.1:{port}", json.loads(told.stdout)["token"])
            until(lambda: _answers(api, server), bool, seconds=60)
            yield api, {"username": "admin", "password": password}
        finally:
            server.terminate()
            server.wait(40)


def _serve(
    manage: list[str], port: int, environment: dict[str, str], log: IO[bytes]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*manage, "serve", "--port", str(port)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )


def _answers(api: API, server: subprocess.Popen[bytes]) -> bool:
    if server.poll() is not None:
        raise RuntimeError(f"serve ended with {server.returncode}; see serve.log")
    try:
        api.get("/auth/me")
    except APIError:
        return True
    except OSError:
        return False
    return True


def _free_port() -> int:
    """8000 if it is free, else any: a newcomer finds the UI where every document says it is."""
    for port in (8000, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise OSError("no free port on loopback")
