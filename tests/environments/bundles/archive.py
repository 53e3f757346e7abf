"""A Debian archive of a few tiny packages on disk, signed with a key of its own."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

HOST = {"base": "", "systemd-sysv": "", "openssh-server": "libshared", "libshared": ""}


class Archive:
    """`uri` for apt's sources, `keyring` to trust; `publish` signs what a suite holds."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._gnupg = directory / "gnupg"
        self._gnupg.mkdir(parents=True, mode=0o700)
        self.uri = f"file:{directory}"
        self.keyring = directory / "keyring.gpg"
        self._gpg("--passphrase", "", "--quick-gen-key", "archive@test", "rsa2048", "sign", "never")
        self.keyring.write_bytes(self._gpg("--export"))

    def publish(self, suite: str, packages: dict[str, str], version: str = "1.0") -> None:
        """Publish `suite` with {package: what it depends on}, all of one version."""
        stanzas = [self._package(suite, name, needs, version) for name, needs in packages.items()]
        index = "\n".join(stanzas).encode()
        place = self._directory / "dists" / suite
        (place / "main/binary-amd64").mkdir(parents=True, exist_ok=True)
        (place / "main/binary-amd64/Packages").write_bytes(index)
        release = (
            f"Suite: {suite}\nCodename: {suite}\nArchitectures: amd64\nComponents: main\n"
            f"Date: Thu, 02 Jan 2025 00:00:00 UTC\nSHA256:\n"
            f" {hashlib.sha256(index).hexdigest()} {len(index)} main/binary-amd64/Packages\n"
        )
        (place / "InRelease").write_bytes(self._gpg("--clearsign", stdin=release.encode()))

    def _package(self, suite: str, name: str, needs: str, version: str) -> str:
        control = (
            f"Package: {name}\nVersion: {version}\nArchitecture: amd64\nMaintainer: test\n"
            f"Priority: {'required' if name == 'base' else 'optional'}\nDescription: test\n"
        )
        if needs:
            control += f"Depends: {needs}\n"
        tree = self._directory / "trees" / suite / name
        (tree / "DEBIAN").mkdir(parents=True, exist_ok=True)
        (tree / "DEBIAN/control").write_text(control)
        file = f"pool/{suite}/{name}_{version}_amd64.deb"
        (self._directory / file).parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-b", str(tree), str(self._directory / file)],
            check=True,
            capture_output=True,
        )
        content = (self._directory / file).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        return control + f"Filename: {file}\nSize: {len(content)}\nSHA256: {digest}\n"

    def _gpg(self, *arguments: str, stdin: bytes = b"") -> bytes:
        return subprocess.run(
            ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", *arguments],
            input=stdin,
            env={**os.environ, "GNUPGHOME": str(self._gnupg)},
            check=True,
            capture_output=True,
        ).stdout
