"""What a bundle is: its parts, as values. `manifest.py` reads them."""

from __future__ import annotations

from dataclasses import dataclass, field

from environments.bundles.options import Option

PHASES = ("preflight", "transfer", "install", "configure", "verify", "post_create", "uninstall")
ANY_RUNTIME = "any"  # for what goes beside a runtime, whichever that is
RUNTIMES = ("compose", "k8s", ANY_RUNTIME)
RUN_ON = ("all", "first_control_plane", "control_plane", "worker", "lb")


@dataclass(frozen=True)
class Platform:
    """A kind of host the bundle is for, in the words of the node's facts (os-release, dpkg)."""

    os: str
    release: str
    arch: str


@dataclass(frozen=True)
class Requirements:
    """The least a host must have; `disk_mb` is free space."""

    memory_mb: int = 0
    disk_mb: int = 0


@dataclass(frozen=True)
class Artifact:
    """A file that hosts of `run_on` get. `size` in bytes; `line` is its place in the index."""

    path: str
    sha256: str
    size: int
    run_on: str = "all"
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Hook:
    """A script that runs as root on the hosts of `run_on`. `timeout` in seconds, per attempt.

    `max_parallel`: on how many hosts at once, 0 for as many as the plan allows.
    """

    id: str
    phase: str
    script: str
    run_on: str = "all"
    timeout: int = 300
    retries: int = 0
    idempotent: bool = False
    max_parallel: int = 0
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Template:
    """A file that hooks render; `variables` are the names that the hook sets before it does."""

    path: str
    variables: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class DebianPackages:
    """Packages of one Debian release, by its code name."""

    release: str
    packages: tuple[str, ...]


@dataclass(frozen=True)
class Recipe:
    """How `bundle build` gets the artifacts of a bundle that lists none.

    `debian`: the hosts' release first, whose packages come with all they need; packages of further
    releases come alone. `brought`: the files of a directory that the operator names.
    """

    debian: tuple[DebianPackages, ...] = ()
    brought: bool = False


@dataclass(frozen=True)
class Bundle:
    """One version of a runtime, or of what goes beside any. `recipe`: where its artifacts are still
    to be built."""

    name: str
    version: str
    runtime: str
    platforms: tuple[Platform, ...]
    requires: Requirements
    options: tuple[Option, ...]
    artifacts: tuple[Artifact, ...]
    hooks: tuple[Hook, ...]
    templates: tuple[Template, ...] = ()
    recipe: Recipe | None = None
    line: int = field(default=0, compare=False)
