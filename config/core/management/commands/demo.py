"""`manage.py demo`: the main job on real hosts, through the public API, with the UI left up."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tests.demo import scenario, server
from tests.demo.api import APIError
from tests.demo.machines import Machine, own
from tests.demo.scenario import Story, Unexpected
from tests.demo.terminal import Terminal
from tests.lab import Lab, LabError, unavailable_reason

LAB = "demo"


class Command(BaseCommand):
    help = "Bare hosts to governed releases, on two lab hosts or on hosts of your own."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--exit", action="store_true", help="end, and remove what was made")
        parser.add_argument("--host", action="append", default=[], metavar="USER@ADDRESS[:PORT]")
        parser.add_argument("--key", help="private key for --host (default: ~/.ssh/id_ed25519)")

    def handle(self, *_args: Any, host: list[str], key: str | None, **options: Any) -> None:
        data_dir = settings.DATA_DIR / "demo"
        shutil.rmtree(data_dir, ignore_errors=True)  # each demo is a story of its own
        if not host and (reason := unavailable_reason()):
            raise CommandError(
                f"No lab hosts here: {reason}\n"
                "Use Debian 13 hosts of your own: make demo ARGS='--host root@ADDRESS --key FILE'"
            )
        lab = Lab(data_dir / "lab", LAB)
        try:
            self._tell(own(host, key) if host else None, lab, data_dir, leave=not options["exit"])
        except (
            APIError,
            LabError,
            TimeoutError,
            Unexpected,
            subprocess.CalledProcessError,
        ) as error:
            said = getattr(error, "stderr", b"") or b""
            log = data_dir / "serve.log"
            raise CommandError(
                f"{error} {said.decode(errors='replace')}\nThe server's log: {log}"
            ) from error
        finally:
            if not host:
                lab.down()

    def _tell(
        self, machines: list[Machine] | None, lab: Lab, data_dir: Path, *, leave: bool
    ) -> None:
        terminal = Terminal(sys.stdout)
        terminal.chapter("Slipway, and two bare Debian 13 hosts")
        if machines is None:
            machines = [
                Machine(h.name, h.address, h.port, h.user, h.key_path, h.fingerprint)
                for h in lab.up(2)
            ]
        terminal.done(f"hosts: {', '.join(machine.address for machine in machines)}, no Docker")
        with server.running(data_dir, settings.BUNDLE_ROOT) as (admin, login):
            terminal.done(f"Slipway runs at {admin.url}")
            story = Story(terminal, machines, data_dir, admin)
            story.logins[login["username"]] = login["password"]
            scenario.run(story)
            if leave:
                self._leave_up(terminal, story)

    def _leave_up(self, terminal: Terminal, story: Story) -> None:
        terminal.plain(f"\nThe UI is at {story.admin.url}/ - sign in as:")
        for name, password in story.logins.items():
            terminal.plain(f"   {name:<10} {password}")
        terminal.plain("Ctrl-C ends it, and removes the hosts.")
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        stop.wait()
