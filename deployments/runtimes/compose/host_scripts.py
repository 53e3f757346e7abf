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
from deployments.runtimes.compose import beside, container_files, project
from deployments.runtimes.compose.host import escaped
from deployments.secrets import content_of
from environments.steps import Script

_STEP_SECONDS: Final = 900  # beside what a step waits for health


@dataclass(frozen=True)
class HostScripts:
    """Of one release. `name`: the Compose project's, on hosts; `content`: what was previewed."""

    release: Release
    name: str
    content: dict[str, Any]

    def script(self, verb: str, *, switched: bool) -> Script:
        """`verb`: stage, gate, switch or restore. `switched`: whether the switch began there."""
        names = ("lib.sh", "beside.sh") if verb in ("switch", "restore") else ("lib.sh",)
        files = {name: source(name) for name in names}
        if verb == "stage":
            files |= self._staged
        # A switch waits for what it puts beside, for what that depends on, and for all the rest.
        timeout = _STEP_SECONDS + (len(self.moves) + 1) * self._patience
        return Script(source(f"{verb}.sh"), self._environment(switched), timeout, files)

    @cached_property
    def gated(self) -> list[str]:
        return beside.gated(self.content, self.release.diff) if self._replaces else []

    @cached_property
    def moves(self) -> list[beside.Move]:
        return beside.moves(self.content, self.release.diff) if self._replaces else []

    @cached_property
    def _patience(self) -> int:
        """Also for a restore: what ran before may be as slow."""
        before = content_of(self._previous) if self._previous else {}
        return max(project.seconds_to_health(self.content), project.seconds_to_health(before))

    @property
    def _images(self) -> set[str]:
        services = (self.content.get("services") or {}).values()
        return {str(service["image"]) for service in services if "image" in service}

    @property
    def _replaces(self) -> bool:
        return self._previous is not None and self.release.strategy == "rolling"

    @property
    def _previous(self) -> Release | None:
        """What this one replaces; a row of the older system kept nothing that could come back."""
        previous = self.release.previous
        return previous if previous and previous.content else None

    @property
    def _staged(self) -> dict[str, bytes]:
        content, variables = container_files.taken_out(self.content)
        files = {"compose.json": json.dumps(escaped(content)).encode()}
        return files | ({"variables": variables} if variables else {})

    def _environment(self, switched: bool) -> dict[str, str | Secret]:  # noqa: FBT001 - as above
        releases = f"{settings.REMOTE_DIR}/releases/{self.name}"
        previous = self._previous
        return {
            "SLIPWAY_PROJECT": self.name,
            "SLIPWAY_RELEASES": releases,
            "SLIPWAY_RELEASE": f"{releases}/{self.release.correlation_id}",
            "SLIPWAY_PREVIOUS": f"{releases}/{previous.correlation_id}" if previous else "",
            "SLIPWAY_WAIT": str(self._patience),
            "SLIPWAY_STRATEGY": self.release.strategy,
            "SLIPWAY_IMAGES": " ".join(sorted(self._images)),
            "SLIPWAY_GATED": " ".join(self.gated),
            "SLIPWAY_MOVES": " ".join(map(str, self.moves)),
            "SLIPWAY_SWITCHED": "yes" if switched else "",
        }


@cache
def source(name: str) -> bytes:
    return (Path(__file__).parent / "scripts" / name).read_bytes()
