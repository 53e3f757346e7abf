"""An image registry on a lab host, at 127.0.0.1:5000 there: Docker takes plain HTTP from that."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.demo.api import until
from tests.lab import Host, images

ADDRESS = "127.0.0.1:5000"
PROGRAM = "/usr/local/bin/docker-registry"
CONFIG = f"""\
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: /var/lib/registry}}}}
http: {{addr: "{ADDRESS}"}}
"""


class Registry:
    """Debian's docker-registry, run by the host's systemd."""

    def __init__(self, host: Host) -> None:
        found = shutil.which("docker-registry")
        if found is None:
            pytest.skip("docker-registry is not installed (Debian package docker-registry)")
        self._host = host
        host.copy_in(Path(found), PROGRAM)
        host.exec("chmod", "755", PROGRAM)
        host.exec("sh", "-c", "cat >/etc/registry.yml", input=CONFIG.encode())

    def start(self) -> None:
        unit = ("systemd-run", "--unit=registry", "--collect")
        self._host.exec(*unit, PROGRAM, "serve", "/etc/registry.yml")
        until(self._answers, bool, seconds=20)

    def stop(self) -> None:
        self._host.exec("systemctl", "stop", "registry", check=False)  # perhaps it is, already
        assert not self._answers()

    def push(self, version: int, name: str) -> str:
        """Has the registry name that version so; its digest. The host has no such image then."""
        reference = f"{ADDRESS}/{name}"
        self._host.exec("docker", "load", input=images.archive_bytes(version))
        self._host.exec("docker", "tag", images.reference(version), reference)
        self._host.exec("docker", "push", "--quiet", reference)
        form = "{{index .RepoDigests 0}}"
        told = self._host.exec("docker", "image", "inspect", "--format", form, reference)
        self._host.exec("docker", "rmi", "--force", images.image_id(version))
        return told.stdout.strip().partition("@")[2]

    def _answers(self) -> bool:
        asked = self._host.exec("curl", "-sf", f"http://{ADDRESS}/v2/", check=False)
        return asked.returncode == 0
