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

from tests.demo.api import API, APIError, until

ROOT = Path(__file__).resolve().parents[2]
# Of the machine's own Slipway, or of a test run: the demo must not write into either.
NOT_OURS = ("SLIPWAY_DATABASE_URL", "SLIPWAY_REDIS_URL", "DJANGO_SETTINGS_MODULE")


class Server:
    """`manage.py serve` on one data directory and port; can be started again after its end."""

    def __init__(
        self,
        data_dir: Path,
        bundle_root: Path,
        settings: dict[str, str] | None = None,
        *,
        port: int = 0,
    ) -> None:
        """`port` if it is free, else any."""
        self.data_dir = data_dir
        self.port = _free_port(port)
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        self._environment = {
            **inherited,
            "SLIPWAY_DATA_DIR": str(data_dir),
            "SLIPWAY_BUNDLE_ROOT": str(bundle_root),
            **(settings or {}),
        }
        data_dir.mkdir(parents=True, exist_ok=True)

    def admin(self, password: str) -> API:
        """The API as `admin`, who is made or updated; needed before the first start."""
        self._manage("migrate", "--verbosity", "0")
        told = self._manage(
            "bootstrap", "--username", "admin", f"--password={password}", "--token", "--json"
        )
        self.api = API(f"http://127.0.0.1:{self.port}", json.loads(told)["token"])
        return self.api

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        with (self.data_dir / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command("serve", "--port", str(self.port)),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            until(self._answers, bool, seconds=60)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> int:
        """Asks it to end; its exit code."""
        self.process.terminate()
        return self.process.wait(40)

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *arguments]

    def _manage(self, *arguments: str) -> bytes:
        command = self._command(*arguments)
        return subprocess.run(
            command, env=self._environment, check=True, capture_output=True
        ).stdout

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"serve ended with {self.process.returncode}; see serve.log")
        try:
            self.api.get("/auth/me")
        except (OSError, APIError):  # not yet, or it is another server that has the port
            return False
        return True


@contextmanager
def running(data_dir: Path, bundle_root: Path) -> Iterator[tuple[API, dict[str, str]]]:
    """`manage.py serve` until the block ends: its API as an admin, and the admin's login."""
    # A newcomer finds the UI where every document says it is.
    server = Server(data_dir, bundle_root, port=8000)
    password = secrets.token_hex(8)
    admin = server.admin(password)
    server.start()
    try:
        yield admin, {"username": "admin", "password": password}
    finally:
        server.stop()


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise OSError("no free port on loopback")
