"""The docker command, and a daemon behind it."""

import functools
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from tests.lab.locks import CACHE, locked

LABEL = "slipway.lab"  # its value is the lab's name
STATE_LABEL = "slipway.lab.state"  # which checkout's: two may use one name on one machine
RECIPE_LABEL = "slipway.lab.recipe"  # on the host image, and so on every host
CAP_SYS_ADMIN = 21
SBIN = "/usr/local/sbin:/usr/sbin:/sbin"  # daemons live there, and a user's PATH often lacks it
START_SECONDS = 60


class LabError(Exception):
    """The lab could not do what was asked; the message says what failed and how."""


def docker(
    *argv: str,
    stdin: bytes | IO[bytes] | None = None,
    check: bool = True,
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run `docker argv…`; raise LabError when it fails (unless told not to) or takes too long."""
    source: dict[str, object]
    if isinstance(stdin, bytes):
        source = {"input": stdin}
    else:
        source = {"stdin": stdin or subprocess.DEVNULL}
    try:
        done = subprocess.run(  # type: ignore[call-overload]
            ["docker", *argv], capture_output=True, timeout=timeout, check=False, **source
        )
    except subprocess.TimeoutExpired as error:
        raise LabError(f"docker {' '.join(argv[:3])} took over {timeout:g} s") from error
    out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    if check and done.returncode:
        raise LabError(f"docker {' '.join(argv)} exited {done.returncode}: {(err or out).strip()}")
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def lines(*argv: str) -> list[str]:
    """What a `docker … ls`-like command prints, line by line."""
    return docker(*argv).stdout.split("\n")[:-1]


def ensure_daemon() -> None:
    """Have a Docker daemon answer: start one where none runs, and leave it running."""
    if answers():
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    with locked(CACHE / "dockerd.lock"):
        if not answers():
            _start()


def answers() -> bool:
    """Whether a daemon is there and lets this user in."""
    return docker("version", "--format", "{{.Server.Version}}", check=False).returncode == 0


def _start() -> None:
    if Path("/run/systemd/system").is_dir():
        subprocess.run(["systemctl", "start", "docker"], check=False, capture_output=True)
        _wait_for_daemon(None, "systemctl start docker")
        return
    path = os.environ.get("PATH", os.defpath) + ":" + SBIN
    dockerd = shutil.which("dockerd", path=path)
    if dockerd is None:
        raise LabError("no Docker daemon runs, and there is no dockerd to start")
    _drop_stale_pid_files()
    log = CACHE / "dockerd.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [dockerd],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=os.environ | {"PATH": path},
            start_new_session=True,  # Ctrl-C in a test run must not end it
        )
    _wait_for_daemon(process, f"dockerd (its log: {log})", log)


def _wait_for_daemon(
    process: subprocess.Popen[bytes] | None, what: str, log: Path | None = None
) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if answers():
            return
        if process is not None and process.poll() is not None:
            break
        time.sleep(0.2)
    if process is not None and process.poll() is None:
        process.terminate()
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-3:]) if log else ""
    raise LabError(f"{what} did not come up: {tail}".strip(": \n"))


def _drop_stale_pid_files() -> None:
    """A pid file left by a killed daemon names, after a reboot, some other process."""
    for file, program in (
        (Path("/var/run/docker.pid"), "dockerd"),
        (Path("/var/run/docker/containerd/containerd.pid"), "containerd"),
    ):
        try:
            pid = int(file.read_text())
        except (OSError, ValueError):
            continue
        try:
            alive = Path(f"/proc/{pid}/comm").read_text().strip() == program
        except OSError:
            alive = False
        if not alive:
            file.unlink(missing_ok=True)


@functools.cache
def unavailable_reason() -> str | None:
    """Why no lab can be had on this machine, or None when one can.

    Starts the Docker daemon where that is all that's missing.
    """
    if not sys.platform.startswith("linux"):
        return f"the lab needs Linux, this is {sys.platform}"
    if shutil.which("docker") is None:
        return "the docker command is not installed (Debian package docker.io)"
    if answers():
        return _build_obstacle()
    if os.geteuid() != 0:
        return "this user may not use Docker, and only root can start a daemon"
    if not _has_capability(CAP_SYS_ADMIN):
        return "root here lacks CAP_SYS_ADMIN, which a Docker daemon needs"
    try:
        ensure_daemon()
    except LabError as error:
        return str(error)
    return _build_obstacle()


def _build_obstacle() -> str | None:
    """What the host image, when it isn't there yet, would need."""
    if lines("image", "ls", "-q", "--filter", f"label={RECIPE_LABEL}"):
        return None
    missing = [program for program in ("debootstrap", "tar") if not _which_sbin(program)]
    if missing:
        return f"the host image is not built, and {', '.join(missing)} is not installed"
    return None if os.geteuid() == 0 else "the host image is not built, which takes root"


def _which_sbin(program: str) -> str | None:
    return shutil.which(program, path=os.environ.get("PATH", os.defpath) + ":" + SBIN)


def _has_capability(number: int) -> bool:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> number & 1)
    return False
