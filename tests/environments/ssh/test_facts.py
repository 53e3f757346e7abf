from __future__ import annotations

import os
import socket
from pathlib import Path

from environments.ssh.connection import Connection
from environments.ssh.facts import gather


def test_the_facts_are_this_machines(connection: Connection) -> None:
    facts = gather(connection)

    os_release = Path("/etc/os-release").read_text()
    assert f"ID={facts.os}\n" in os_release
    assert f'VERSION_ID="{facts.release}"' in os_release
    assert facts.arch in {"amd64", "arm64"}
    assert facts.cpus == os.cpu_count()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024**2
    assert abs(facts.memory_mb - memory) <= 1
    free = os.statvfs("/var/lib")
    assert abs(facts.disk_mb - free.f_bavail * free.f_frsize / 1024**2) < 1024
    assert facts.privilege == "root"
    assert facts.hostname == socket.gethostname()
    assert facts.boot_id == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
