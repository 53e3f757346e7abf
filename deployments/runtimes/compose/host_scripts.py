"""What a release's hosts run: the scripts beside this module, and what each is told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from config.core.secrets import Secret
from deployments.models import Release
from deployments.runtimes.compose import beside, container_files
from deployments.runtimes.compose.host import escaped
from environments.steps import Script

HEALTH_SECONDS: Final = 60
STEP_SECONDS: Final = 900


@dataclass(frozen=True)
class HostScripts:
    """Of one release. `project`: the Compose project's name; `content`: what was previewed."""

    release: Release
    project: str
    content: dict[str, Any]

    def script(self, verb: str, *, switched: bool) -> Script:
        """`verb`: stage, gate, switch or restore. `switched`: whether the switch began there."""
        names = ("lib.sh", "beside.sh") if verb in ("switch", "restore") else ("lib.sh",)
        files = {name: source(name) for name in names}
        if verb == "stage":
            files |= self._staged
        return Script(source(f"{verb}.sh"), self._environment(switched), STEP_SECONDS, files)

    @cached_property
    def gated(self) -> list[str]:
        return beside.gated(self.content, self.release.diff) if self._replaces else []

    @cached_property
    def moves(self) -> list[beside.Move]:
        return beside.moves(self.content, self.release.diff) if self._replaces else []

    @property
    def _replaces(self) -> bool:
        return self.release.previous is not None and self.release.strategy == "rolling"

    @property
    def _staged(self) -> dict[str, bytes]:
        content, variables = container_files.taken_out(self.content)
        files = {"compose.json": json.dumps(escaped(content)).encode()}
        return files | ({"variables": variables} if variables else {})

    def _environment(self, switched: bool) -> dict[str, str | Secret]:  # noqa: FBT001 - as above
        releases = f"{settings.REMOTE_DIR}/releases/{self.project}"
        previous = self.release.previous
        return {
            "SLIPWAY_PROJECT": self.project,
            "SLIPWAY_RELEASES": releases,
            "SLIPWAY_RELEASE": f"{releases}/{self.release.correlation_id}",
            "SLIPWAY_PREVIOUS": f"{releases}/{previous.correlation_id}" if previous else "",
            "SLIPWAY_WAIT": str(HEALTH_SECONDS),
            "SLIPWAY_STRATEGY": self.release.strategy,
            "SLIPWAY_GATED": " ".join(self.gated),
            "SLIPWAY_MOVES": " ".join(map(str, self.moves)),
            "SLIPWAY_SWITCHED": "yes" if switched else "",
        }


@cache
def source(name: str) -> bytes:
    return (Path(__file__).parent / "scripts" / name).read_bytes()
