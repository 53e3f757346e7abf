"""What Slipway asks a Docker host about one Compose project. Reads only."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any, Final

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
        """The version of Compose. Raises TargetNotReady where Docker is missing or silent, or its
        Compose is not v2 or newer."""
        found, _, said = self.connection.run(_LOOK).stdout.decode(errors="replace").partition(" ")
        said = " ".join(said.split())
        match found.strip():
            case "compose":
                version = said.removeprefix("v")
                if not version.startswith(("0.", "1.")):
                    return version
                problem = f"has Compose {version}; Slipway needs Compose v2"
            case "v1":
                problem = f"has docker-compose {said} alone; Slipway needs Compose v2"
            case "no-compose":
                problem = "has Docker without Compose; Slipway needs Compose v2"
            case "daemon":
                problem = f"has Docker, but its daemon does not answer: {said}"
            case "missing":
                problem = "has no Docker"
            case _:
                problem = "does not say whether it has Docker"
        raise TargetNotReady(reasons=[f"{self.name} {problem}."])

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

    def dry_run(self, project: dict[str, Any]) -> str:
        """What Compose says against creating the project; empty where nothing is. It changes and
        pulls nothing, but looks into registries for images that aren't there. Not started even so:
        it would wait for the end of containers that will never run."""
        answer = self.connection.run(
            self._compose("up", "--no-start", "--remove-orphans", flags=("--dry-run",)),
            stdin=json.dumps(escaped(project)).encode(),
            timeout=TIMEOUT,
        )
        return _last_line(answer.stderr) if answer.exit_code else ""

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
        digests: list[str] = sorted(image.get("RepoDigests") or [])
        own = [one for one in digests if reference in (one, _tagged(one, reference))]
        return (own or digests or [str(image["Id"])])[0]

    def manifest_of(self, reference: str, *, insecure: bool) -> Any:
        """What the image's registry has, asked with the host's own login, as `docker manifest
        inspect --verbose` says it; None where no registry answers. `insecure`: plain HTTP will do.
        """
        words = ["docker", "manifest", "inspect", "--verbose", *["--insecure"][: int(insecure)]]
        answer = self.connection.run(shlex.join([*words, reference]), timeout=TIMEOUT)
        if answer.exit_code:
            return None
        try:
            return json.loads(answer.stdout)
        except ValueError:
            return None

    def platform(self) -> tuple[str, str]:
        """Operating system and architecture, in Go's names."""
        form = "{{.Server.Os}} {{.Server.Arch}}"
        answer = self.connection.run(f"docker version --format {shlex.quote(form)}").checked()
        system, architecture = answer.words
        return system, architecture

    def registry_config(self) -> dict[str, Any]:
        """Which registries the host's daemon trusts how (`docker info`, RegistryConfig)."""
        told = self.connection.run("docker info --format '{{json .RegistryConfig}}'").checked()
        loaded: dict[str, Any] = json.loads(told.stdout) or {}
        return loaded

    def _compose(self, *arguments: str, flags: tuple[str, ...] = ()) -> str:
        command = ["docker", "compose", "--ansi", "never", *flags, "-p", self.project, "-f", "-"]
        return shlex.join([*command, *arguments])


# Says what there is in one line: a word, and what the program said.
_LOOK: Final = """
if ! command -v docker >/dev/null; then
    if old=$(docker-compose version --short 2>/dev/null); then echo "v1 $old"; else echo missing; fi
elif ! said=$(docker version --format '{{.Server.Version}}' 2>&1); then
    echo "daemon $said"
elif version=$(docker compose version --short 2>/dev/null); then
    echo "compose $version"
elif old=$(docker-compose version --short 2>/dev/null); then
    echo "v1 $old"
else
    echo no-compose
fi
"""


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


def _tagged(digest: str, reference: str) -> str:
    """The repository of `digest` with the tag of `reference`."""
    repository, tag = digest.partition("@")[0], reference.rpartition(":")[2]
    return f"{repository}:{tag}"


def _last_line(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no reason given"
