"""What Slipway asks a Docker host about one Compose project. Reads only."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

from config.core.errors import ManifestInvalid, TargetNotReady
from environments.ssh.connection import Connection

TIMEOUT = 60.0


@dataclass(frozen=True)
class ComposeHost:
    """`name`: the node's, for messages; `project`: the Compose project's name on the host."""

    name: str
    project: str
    connection: Connection

    def require_compose(self) -> str:
        """The version of Compose. Raises TargetNotReady where it isn't v2, or Docker is silent."""
        answer = self.connection.run("docker compose version --short && docker info >/dev/null")
        version = answer.stdout.decode(errors="replace").strip().removeprefix("v")
        if answer.exit_code:
            said = _last_line(answer.stderr)
            raise TargetNotReady(
                reasons=[f"{self.name}: Docker with Compose v2 does not answer: {said}"]
            )
        if version.startswith("1."):
            reason = f"{self.name}: has Compose {version}; Slipway needs Compose v2"
            raise TargetNotReady(reasons=[reason])
        return version

    def resolve(self, content: dict[str, Any]) -> dict[str, Any]:
        """The project as Compose understands it: defaults filled in, nothing left to interpolate.

        Raises ManifestInvalid with what Compose says.
        """
        answer = self.connection.run(
            self._compose("config", "--format", "json"),
            stdin=json.dumps(escaped(content)).encode(),
            timeout=TIMEOUT,
        )
        if answer.exit_code:
            message = _last_line(answer.stderr)
            problem = {"path": "manifest", "line": 1, "message": message}
            raise ManifestInvalid(f"Compose refuses the manifest: {message}", errors=[problem])
        resolved: dict[str, Any] = unescaped(json.loads(answer.stdout))
        return resolved

    def containers(self) -> list[str]:
        """Ids of the project's containers, running or not, sorted; candidates aside."""
        answer = self.connection.run(
            "docker ps -aq --no-trunc --filter label=com.docker.compose.oneoff=False --filter "
            + shlex.quote(f"label=com.docker.compose.project={self.project}"),
            timeout=TIMEOUT,
        )
        return sorted(answer.checked().words)

    def digest_of(self, reference: str) -> str | None:
        """What pins an image on this host: `repository@sha256:…`, or `sha256:…` (the image's id)
        for one that came from no registry. None where the host doesn't have it."""
        answer = self.connection.run(
            f"docker image inspect --format '{{{{json .}}}}' {shlex.quote(reference)}",
            timeout=TIMEOUT,
        )
        if answer.exit_code:
            return None
        image = json.loads(answer.stdout)
        digests: list[str] = image.get("RepoDigests") or []
        return digests[0] if digests else str(image["Id"])

    def _compose(self, *arguments: str) -> str:
        return shlex.join(["docker", "compose", "-p", self.project, "-f", "-", *arguments])


def escaped(value: Any) -> Any:
    """For Compose, which interpolates once more: every dollar doubled."""
    return _map_text(value, lambda text: text.replace("$", "$$"))


def unescaped(value: Any) -> Any:
    return _map_text(value, lambda text: text.replace("$$", "$"))


def _map_text(value: Any, change: Any) -> Any:
    if isinstance(value, dict):
        return {name: _map_text(inner, change) for name, inner in value.items()}
    if isinstance(value, list):
        return [_map_text(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value


def _last_line(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no reason given"
