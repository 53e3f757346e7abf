"""A release's secret: in its containers, and nowhere it could be read from."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deployments.diagnostics import checked
from tests.e2e.releases import App
from tests.e2e.site import Site
from tests.lab import Host

pytestmark = pytest.mark.lab

CANARY = "canary-9f2c7e51d04b"
SECRET = {"default": CANARY, "secret": True, "required": False}
# It says its secret on start, in its health check, and dies of it.
TEXT = """\
services:
  web:
    image: slipway-demo:1
    environment:
      MESSAGE: ${{TOKEN}}
    command: ["/bin/sh", "-c", "echo token is $$MESSAGE; exec /bin/sh /start"]
    healthcheck:
      test: ["CMD-SHELL", "echo probe with $$MESSAGE; exit {code}"]
      interval: 1s
      retries: 2
"""
# All processes of the host, again and again.
WATCH = "while :; do cat /proc/[0-9]*/cmdline 2>/dev/null; sleep 0.05; done"


@contextmanager
def watched_arguments(host: Host, file: Path) -> Iterator[None]:
    command = ["docker", "exec", host.container, "timeout", "60", "sh", "-c", WATCH]
    with file.open("wb") as out, subprocess.Popen(command, stdout=out) as watcher:
        try:
            yield
        finally:
            watcher.kill()


@pytest.mark.parametrize("code", [0, 1], ids=["applied", "failed"])
def test_the_secret_stays_in(site: Site, one_host: int, tmp_path: Path, code: int) -> None:
    host, app = site.hosts[0], App(site, one_host)
    answers: list[str] = [repr(app.site.api.get(f"/deploy/services/{app.service}/revisions"))]
    app.revision(TEXT.format(code=code), TOKEN=SECRET)
    with watched_arguments(host, tmp_path / "arguments"):
        run = app.start()
        ended = run.ended()
    assert ended["lifecycle_state"] == ("failed" if code else "applied")
    answers += [repr(ended), run.log(), repr(site.api.get(f"{run.path}/steps"))]
    answers.append(repr(site.api.get(f"/deploy/services/{app.service}/revisions")))
    answers.append(repr(site.api.all(f"/events?project={site.project}&limit=200")))
    if code:
        found = checked(run.diagnostics())
        answers.append(repr(found))
        assert "token is" in repr(found)  # it was said, and masked
    hidden = (CANARY, base64.b64encode(CANARY.encode()).decode().rstrip("="))
    assert not [text for text in hidden for answer in answers if text in answer]
    arguments = (tmp_path / "arguments").read_bytes()
    assert b"compose" in arguments
    assert CANARY.encode() not in arguments
    log = (site.server.data_dir / "serve.log").read_bytes()
    assert CANARY.encode() not in log
    folder = f"/var/lib/slipway/releases/{app.name}"
    modes = host.exec("find", folder, "-not", "-type", "l", "-printf", "%y %m %U\n").stdout
    assert set(modes.splitlines()) == {"d 700 0", "f 600 0"}
    if not code:
        container = app.containers(host)["web"]
        message = host.exec("docker", "exec", container, "cat", "/www/message").stdout
        assert message.strip() == CANARY


# The same secret as a file, for a program that is not root.
FILE = """\
services:
  web:
    image: slipway-demo:1
    command: ["/bin/sh", "-c", "cp /run/secrets/token /www/token; exec /bin/sh /start"]
    secrets: [token]
    healthcheck:
      test: ["CMD-SHELL", "test -s /www/token"]
      interval: 1s
secrets:
  token:
    environment: {source}
"""


@pytest.mark.parametrize("source", ["TOKEN", "${TOKEN}"])
def test_a_secret_as_a_file(site: Site, one_host: int, tmp_path: Path, source: str) -> None:
    host, app = site.hosts[0], App(site, one_host)
    app.revision(FILE.format(source=source), TOKEN=SECRET)
    with watched_arguments(host, tmp_path / "arguments"):
        run = app.start()
        first = run.applied()
    assert CANARY.encode() not in (tmp_path / "arguments").read_bytes()
    assert CANARY not in repr(first) + run.log()

    container = app.containers(host)["web"]
    assert held(host, container) == CANARY
    assert CANARY not in host.exec("docker", "inspect", container).stdout
    folder = f"/var/lib/slipway/releases/{app.name}"
    told = host.exec("find", folder, "-printf", "%y %m %U\n").stdout
    assert set(told.splitlines()) == {"d 700 0", "f 600 0", "l 777 0"}
    assert CANARY in host.exec("sh", "-c", f"cat {folder}/current/variables").stdout
    assert host.exec("sh", "-c", f"grep -rl {CANARY} /var/lib/slipway/runs || :").stdout == ""

    changed = app.start(variables={"TOKEN": f"other-{CANARY}"}).applied()
    assert changed["diff"]["summary"]["update"] == 1
    assert held(host, app.containers(host)["web"]) == f"other-{CANARY}"
    again = app.preview(variables={"TOKEN": f"other-{CANARY}"})
    assert again["diff"]["summary"]["update"] == 0


def held(host: Host, container: str) -> str:
    return host.exec("docker", "exec", container, "cat", "/www/token").stdout.strip()
