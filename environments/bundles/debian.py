"""Packages for a clean Debian host, collected by apt itself in a directory of its own.

apt resolves, fetches and checks signatures as it does on any host, but knows nothing of the
machine it runs on: its own sources, lists and cache, and an empty dpkg status. It needs no root.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from environments.bundles import tree
from environments.bundles.apt_sources import MIRROR, Mirrors, find_mirrors
from environments.bundles.model import DebianPackages

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

# What a host that can be worked with has: Debian's core, systemd, and OpenSSH's server.
# usr-is-merged, as installers choose it: the other package for that (bookworm) would bring Perl.
_HOST = ("?priority(required)", "systemd-sysv", "openssh-server", "?exact-name(usr-is-merged)")
_APT_SETTINGS = """\
Dir::Etc::Main "/dev/null";
Dir::Etc::Parts "{home}/none";
Dir::Etc::SourceList "{home}/sources.list";
Dir::Etc::SourceParts "{home}/none";
Dir::State "{home}/state";
Dir::State::status "{home}/status";
Dir::Cache "{home}/cache";
Dir::Log "{home}/log";
APT::Architecture "amd64";
APT::Architectures {{ "amd64"; }};
APT::Install-Recommends "false";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
APT::Get::Assume-Yes "true";
Acquire::Languages "none";
Acquire::Retries "3";
{machine}
"""
_INST = re.compile(r"^Inst (\S+) (?:\[\S+\] )?\((\S+) ", re.M)
# How to reach a mirror from here is the one thing to take over from the machine's apt.
_MACHINE = re.compile(r"^Acquire::(?:https?|ftp|socks)::\S*Proxy\S* .*;$", re.M)


class BuildFailed(Exception):
    """A bundle could not be built; the message says what to do about it."""


@dataclass(frozen=True)
class Package:
    """One package of an archive; `sha256` is what the signed index says."""

    name: str
    version: str
    sha256: str
    file: Path


def collect(
    sources: Sequence[DebianPackages], cache: Path, say: Callable[[str], None]
) -> list[Package]:
    """The packages of a recipe, fetched and checked, by name. `cache` keeps them for the next time.

    Raises `BuildFailed`.
    """
    mirrors = find_mirrors(os.environ)
    if mirrors is None:
        raise BuildFailed(f"apt on this machine has no Debian source: set {MIRROR}.")
    if not KEYRING.exists():
        raise BuildFailed("Debian's keys are needed: install debian-archive-keyring.")
    packages: dict[str, Package] = {}
    for number, source in enumerate(sources):
        archive = _Archive(source.release, cache / "apt" / source.release)
        say(f"reading the package lists of {source.release}")
        archive.update(mirrors)
        names = archive.missing(source.packages) if number == 0 else list(source.packages)
        found = archive.describe(names)
        say(f"fetching {len(found)} packages of {source.release}")
        archive.fetch(found)
        packages |= {package.name: package for package in found}
    return [packages[name] for name in sorted(packages)]


class _Archive:
    """One Debian release as a host without any package would see it."""

    def __init__(self, release: str, home: Path) -> None:
        self._release = release
        self._home = home.resolve()
        self._archives = self._home / "packages"

    def update(self, mirrors: Mirrors) -> None:
        """Fetch the signed lists."""
        for directory in (
            "none",
            "log",
            "packages",
            "state/lists/partial",
            "cache/archives/partial",
        ):
            (self._home / directory).mkdir(parents=True, exist_ok=True)
        dumped = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False)
        machine = "\n".join(_MACHINE.findall(dumped.stdout))
        settings = _APT_SETTINGS.format(home=self._home, machine=machine)
        suites = [(mirrors.main, self._release), (mirrors.main, f"{self._release}-updates")]
        if mirrors.security:
            suites.append((mirrors.security, f"{self._release}-security"))
        lines = [f"deb [signed-by={KEYRING}] {uri} {suite} main\n" for uri, suite in suites]
        tree.replace(self._home / "status", b"")
        tree.replace(self._home / "apt.conf", settings.encode())
        tree.replace(self._home / "sources.list", "".join(lines).encode())
        self._run("apt-get", "update", "--quiet")

    def missing(self, packages: Sequence[str]) -> list[str]:
        """`packages` and all they need, less what any host has, as NAME=VERSION.

        apt needs seconds to think it through, and comes to the same answer for the same lists.
        """
        question = hashlib.sha256(repr((_HOST, tuple(packages))).encode())
        for release in sorted((self._home / "state/lists").glob("*Release")):
            question.update(release.read_bytes())
        answer = self._home / f"closure-{question.hexdigest()}"
        if not answer.exists():
            host = {name for name, _ in self._closure(*_HOST)}
            needed = self._closure(*_HOST, *packages)  # together: what they choose has to agree
            lines = [f"{name}={version}\n" for name, version in needed if name not in host]
            tree.replace(answer, "".join(lines).encode())
        return answer.read_text().split()

    def describe(self, names: Sequence[str]) -> list[Package]:
        """What the signed index says of each package."""
        answer = self._run("apt-cache", "show", "--no-all-versions", *names)
        found = []
        for stanza in answer.strip().split("\n\n"):
            fields = dict(re.findall(r"^([A-Za-z0-9-]+): (.*)$", stanza, re.M))
            version = fields["Version"].replace(":", "%3a")
            name = f"{fields['Package']}_{version}_{fields['Architecture']}.deb"
            file = self._archives / name
            found.append(Package(fields["Package"], fields["Version"], fields["SHA256"], file))
        return found

    def fetch(self, packages: Sequence[Package]) -> None:
        """Bring the packages' files into the cache; what is there is checked, not fetched again."""
        wanted = [package for package in packages if not _is_sound(package)]
        for package in wanted:
            package.file.unlink(missing_ok=True)
        if not wanted:
            return
        names = [f"{package.name}={package.version}" for package in wanted]
        # Not `install --download-only`: on this host without packages it would fetch them all.
        self._run("apt-get", "download", "--quiet", *names)
        for package in wanted:
            if not _is_sound(package):
                raise BuildFailed(f"{package.file.name} did not arrive as the index describes it.")

    def _closure(self, *packages: str) -> list[tuple[str, str]]:
        return _INST.findall(self._run("apt-get", "install", "--simulate", *packages))

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            cwd=self._archives,  # where `apt-get download` leaves what it fetches
            env={**os.environ, "APT_CONFIG": str(self._home / "apt.conf"), "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            reasons = [line for line in done.stderr.splitlines() if line.startswith(("E:", "W:"))]
            raise BuildFailed("\n".join([f"{' '.join(command[:2])} failed.", *reasons]))
        return done.stdout


def _is_sound(package: Package) -> bool:
    return package.file.is_file() and tree.sha256(package.file) == package.sha256
