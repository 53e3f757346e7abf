"""The lab itself: hosts answer over SSH with pinned keys, survive a reboot, and leave nothing."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import Host, Lab, images
from tests.lab.docker import lines
from tests.lab.fixtures import LabNamed

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def lab(lab_named: LabNamed) -> Iterator[Lab]:
    with lab_named("self") as lab:
        yield lab


@pytest.fixture
def host(lab: Lab) -> Host:
    return lab.up(1)[0]


def ssh(host: Host, user: str, known_hosts: Path, command: str) -> str:
    known_hosts.write_text(f"{host.address} {host.host_key}\n")
    options = (f"UserKnownHostsFile={known_hosts}", "StrictHostKeyChecking=yes", "BatchMode=yes")
    flags = [flag for option in options for flag in ("-o", option)]
    return subprocess.run(
        ["ssh", "-i", str(host.key_path), *flags, f"{user}@{host.address}", command],
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    ).stdout.strip()


def test_root_and_a_sudo_user_get_in_with_the_host_key_pinned(host: Host, tmp_path: Path) -> None:
    assert host.key_path.stat().st_mode & 0o777 == 0o600
    assert ssh(host, "root", tmp_path / "known", "hostname") == host.name
    assert ssh(host, "deploy", tmp_path / "known", "sudo -n id -un") == "root"


def test_up_keeps_a_healthy_host(lab: Lab, host: Host) -> None:
    host.exec("touch", "/root/kept")
    assert lab.up(1) == [host]
    assert host.exec("ls", "/root").stdout == "kept\n"


def test_a_reboot_keeps_address_and_keys(lab: Lab, host: Host) -> None:
    host.reboot()
    assert lab.hosts() == [host]


def test_a_recreated_host_is_another_machine(lab: Lab, host: Host) -> None:
    fresh = lab.recreate(host)
    assert fresh.address == host.address
    assert fresh.fingerprint != host.fingerprint


def test_files_and_folders_get_in(host: Host, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\0data")
    host.copy_in(tmp_path / "a", "/run/in/file")
    host.copy_in(tmp_path, "/tmp/in")
    assert (
        host.exec("sha256sum", "/run/in/file").stdout[:64]
        in host.exec("sha256sum", "/tmp/in/a").stdout
    )


def test_a_paused_host_is_brought_back_by_up(lab: Lab, host: Host) -> None:
    host.pause()
    assert lab.up(1) == [host]


def test_down_removes_everything_of_this_lab_only(tmp_path: Path, lab: Lab, host: Host) -> None:
    other = Lab(tmp_path, "self")
    doomed = other.up(1)[0]
    doomed.pause()
    other.down()
    assert other.status() == []
    left = "--filter=name=" + doomed.container
    assert lines("volume", "ls", "-q", left) == []
    assert [name for name, _ in lab.status()] == [host.name]


def test_image_archives_are_reproducible() -> None:
    assert images.archive_bytes(1) == images.archive_bytes(1)
    assert len({images.image_id(version) for version in images.VERSIONS}) == 3
