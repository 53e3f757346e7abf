"""The images of lab hosts: Debian trees made by debootstrap, built once per release and kept."""

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

from tests.lab.docker import RECIPE_LABEL, LabError, docker, ensure_daemon
from tests.lab.locks import CACHE, locked
from tests.lab.mirror import debian_mirror, proxy

RELEASE = "trixie"
PACKAGES = [
    "openssh-server",
    "systemd",
    "systemd-sysv",
    "dbus",
    "ca-certificates",
    "iproute2",
    "sudo",
    "iptables",
    "curl",
    "procps",
    "kmod",
]
SETUP = Path(__file__).with_name("setup.sh")
DIRECTIVES = ['CMD ["/sbin/lab-init"]', "ENV container=docker"]
CAPABILITIES = [
    "SYS_ADMIN",
    "NET_ADMIN",
    "NET_RAW",
    "SYS_PTRACE",
    "SYS_MODULE",
    "SYS_CHROOT",
    "MKNOD",
    "AUDIT_WRITE",
    "DAC_READ_SEARCH",
    "LINUX_IMMUTABLE",
    "SYS_NICE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "IPC_LOCK",
]
# Not --privileged: that is refused where this machine lacks a capability it would hand on.
RUN_FLAGS = [
    *(f"--cap-add={capability}" for capability in CAPABILITIES),
    "--device-cgroup-rule=a *:* rwm",
    "--security-opt=seccomp=unconfined",
    "--security-opt=apparmor=unconfined",
    "--security-opt=systempaths=unconfined",
    # Its own cgroup tree, so that what runs inside is paused and removed with the host.
    "--cgroupns=private",
    "--stop-signal=SIGRTMIN+3",  # what systemd takes for "halt"
    "--tmpfs=/run",
    "--tmpfs=/run/lock",
    "--tmpfs=/tmp:exec",
]
KEYRINGS = Path("/usr/share/keyrings")


def recipe(release: str = RELEASE) -> str:
    """A digest of everything the image of that Debian release (a code name) is made from."""
    parts = [release, *PACKAGES, *DIRECTIVES, *RUN_FLAGS, SETUP.read_text()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def reference(release: str = RELEASE) -> str:
    """The image's name: a changed recipe is another image."""
    return f"slipway-lab:{recipe(release)}"


def ensure_image(release: str = RELEASE) -> str:
    """Build the host image unless it is there (about a minute); return its reference."""
    ensure_daemon()
    if not _exists(release):
        with locked(CACHE / "image.lock"):
            if not _exists(release):
                _build(release)
    return reference(release)


def _exists(release: str) -> bool:
    return docker("image", "inspect", reference(release), check=False).returncode == 0


def _build(release: str) -> None:
    if os.geteuid() != 0:
        raise LabError("building the host image takes root")
    with tempfile.TemporaryDirectory(prefix="slipway-lab-") as folder:
        tree = Path(folder) / "tree"
        _run(
            "debootstrap",
            "--variant=minbase",
            f"--include={','.join(PACKAGES)}",
            *_keyring(),
            release,
            str(tree),
            debian_mirror(),
            env=proxy(),
        )
        (tree / "etc/apt/sources.list").unlink(missing_ok=True)  # a host without a network
        (tree / "etc/resolv.conf").unlink(missing_ok=True)
        _run("chroot", str(tree), "/bin/sh", "-c", SETUP.read_text())
        _import(tree, release)


def _keyring() -> list[str]:
    """Debian's keys, on a machine whose own archive is another one's."""
    file = KEYRINGS / "debian-archive-keyring.gpg"
    return [f"--keyring={file}"] if file.exists() else []


def _run(*argv: str, env: dict[str, str] | None = None) -> None:
    path = "/usr/sbin:/usr/bin:/sbin:/bin"
    done = subprocess.run(
        argv,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"PATH": path, "LC_ALL": "C.UTF-8"} | (env or {}),
    )
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise LabError(f"{argv[0]} exited {done.returncode}:\n{tail}")


def _import(tree: Path, release: str) -> None:
    changes = [*DIRECTIVES, f"LABEL {RECIPE_LABEL}={recipe(release)}"]
    flags = [argument for change in changes for argument in ("--change", change)]
    # What debootstrap mounted in the tree is left out by --one-file-system.
    with subprocess.Popen(
        ["tar", "--one-file-system", "--numeric-owner", "-C", str(tree), "-c", "."],
        stdout=subprocess.PIPE,
    ) as packer:
        docker("import", *flags, "-", reference(release), stdin=packer.stdout, timeout=600)
    if packer.returncode:
        raise LabError(f"tar exited {packer.returncode}")
