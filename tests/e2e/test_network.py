"""The network goes away while a step runs, and comes back: the step and its log don't notice."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.e2e import processes
from tests.e2e.site import Site, unique
from tests.e2e.test_worker_dies import LINES, ran_once
from tests.lab import Host

pytestmark = pytest.mark.lab

CUT = ("-p", "tcp", "--dport", "22", "-j", "DROP")
# The sessions of the host's sshd, by parentage: its children.
SESSIONS = """
main=$(systemctl show --property MainPID --value ssh)
for stat in /proc/[0-9]*/stat; do
    read -r pid _ _ parent _ <"$stat" 2>/dev/null && [ "$parent" = "$main" ] && kill -9 "$pid"
done
true
"""


def silence(host: Host, seconds: float) -> None:
    """Packets to the host's sshd are dropped for a while."""
    host.exec("iptables", "-I", "INPUT", *CUT)
    threading.Event().wait(seconds)
    host.exec("iptables", "-D", "INPUT", *CUT)


def broken_sessions(host: Host, _seconds: float) -> None:
    host.exec("sh", "-c", SESSIONS)


def broken_sessions_and_silence(host: Host, seconds: float) -> None:
    host.exec("iptables", "-I", "INPUT", *CUT)
    host.exec("sh", "-c", SESSIONS)
    threading.Event().wait(seconds)
    host.exec("iptables", "-D", "INPUT", *CUT)


@pytest.mark.parametrize("cut", [silence, broken_sessions, broken_sessions_and_silence])
def test_the_step_ends_and_its_log_is_whole(site: Site, cut: Callable[[Host, float], None]) -> None:
    host, mark = site.hosts[0], unique("mark")
    worker = processes.worker_of(site.server.process.pid)
    task = site.install(site.environment(host), mark=mark, lines=LINES)
    task.printing("work", host)
    cut(host, 4)
    task.succeeded()
    ran_once(task, host, mark)
    assert processes.worker_of(site.server.process.pid) == worker
