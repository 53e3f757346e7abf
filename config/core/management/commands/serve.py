"""`manage.py serve`: Slipway on one machine, web, worker and scheduler under one parent."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from config.core.models import User
from config.core.supervisor import Child, supervise


class Command(BaseCommand):
    help = "Migrates, then runs web, worker and scheduler until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *_args: Any, host: str, port: int, **_options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        self.stdout.write(f"Slipway: http://{host}:{port}/")
        self._first_login()
        self.stdout.flush()
        supervise(children(host, port))

    def _first_login(self) -> None:
        """Where nobody can sign in yet, makes the one who can, and says so once."""
        if not User.objects.filter(is_superuser=True).exists():
            call_command("bootstrap", username="admin", stdout=self.stdout)


def children(host: str, port: int) -> list[Child]:
    python = sys.executable
    schedule = settings.DATA_DIR / "schedule"
    celery = [python, "-m", "celery", "-A", "config"]
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
