"""The demo as a process of its own, that runs beside the other tests."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.demo.server import ROOT
from tests.lab import unavailable_reason
from tests.lab.docker import lines

COMMAND = [sys.executable, str(ROOT / "manage.py"), "demo"]


def settings(data_dir: Path, **changes: str) -> dict[str, str]:
    inherited = {n: v for n, v in os.environ.items() if n != "DJANGO_SETTINGS_MODULE"}
    return {**inherited, "SLIPWAY_DATA_DIR": str(data_dir), **changes}


@dataclass
class Demo:
    """`process` is None where no lab can be had; `obstacle` says why."""

    data_dir: Path
    obstacle: str | None = None
    process: subprocess.Popen[str] | None = None
    _before: set[str] = field(default_factory=set)

    def start(self, bundle_root: Path) -> None:
        self.obstacle = unavailable_reason()
        if self.obstacle:
            return
        self._before = _made()
        self.process = subprocess.Popen(
            [*COMMAND, "--exit"],
            env=settings(self.data_dir, SLIPWAY_BUNDLE_ROOT=str(bundle_root)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def left_over(self) -> set[str]:
        """Containers, networks and volumes of demos on this machine that were not there before."""
        return _made() - self._before


def _made() -> set[str]:
    ours = ("-q", "--filter", "label=slipway.lab=demo")
    kinds = (("ps", "-a"), ("network", "ls"), ("volume", "ls"))
    return {found for kind in kinds for found in lines(*kind, *ours)}
