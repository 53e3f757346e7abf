"""`manage.py serve`: Slipway on one machine, web, worker and scheduler under one parent."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.core.models import User
from config.core.supervisor import Child, supervise


class Command(BaseCommand):
    help = "Migrates, then runs web, worker and scheduler until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *_args: Any, host: str, port: int, **_options: Any) -> None:
        _require_free(host, port)
        os.umask(0o077)  # what the data directory holds is nobody else's
        only_one = _lock(settings.DATA_DIR / "serve.lock")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        self._first_login()
        self.stdout.write(f"Slipway: http://{host}:{port}/")
        self.stdout.flush()
        with only_one:
            supervise(children(host, port))

    def _first_login(self) -> None:
        """Where nobody can sign in yet, makes the one who can, and says so once."""
        if not User.objects.filter(is_superuser=True).exists():
            call_command("bootstrap", username="admin", stdout=self.stdout)


def _require_free(host: str, port: int) -> None:
    """Raises CommandError where nothing can listen: the web child would fail again and again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"Can't listen on {host}:{port}: {error.strerror}") from error


def _lock(path: Path) -> IO[str]:
    """An open file that one server at a time can hold: two would share a queue and a schedule."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CommandError(f"Another server runs on {path.parent}; end it first.") from error
    return file


def children(host: str, port: int) -> list[Child]:
    python = sys.executable
    schedule = settings.DATA_DIR / "schedule"
    celery = [python, "-m", "celery", "--quiet", "-A", "config"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [
        Child(
            "web",
            [
                *(python, "-m", "uvicorn", "config.asgi:application", "--lifespan", "off"),
                *("--host", host, "--port", str(port), "--no-access-log"),
                *("--timeout-graceful-shutdown", "5"),
            ],
        ),
        Child("worker", [*celery, "worker", "--concurrency", "4", "--loglevel", "INFO", *quiet]),
        Child("scheduler", [*celery, "beat", "--schedule", str(schedule), "--loglevel", "INFO"]),
    ]
