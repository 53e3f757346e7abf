"""The measuring part of `ssh_steps`, in turns; prints the rows as JSON."""

from __future__ import annotations

import base64
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import paramiko

from tests.benchmarks import Unavailable
from tests.benchmarks._ssh_peers import Ansible, Peer, Pyinfra, installed
from tests.benchmarks._ssh_site import addresses, bundle_of, log, server, site, succeeded
from tests.environments.ssh.sshd import LocalSSHD

HOSTS: Final = 50
STEPS: Final = 10
LINES: Final = 20
ROUNDS: Final = 3
GROWTH: Final = (25, 50, 100, 200)
SCRIPT: Final = (
    f'i=0; while [ $i -lt {LINES} ]; do i=$((i + 1)); echo "line $i of what a step says"; done'
)
GOALS: Final = {"a bare paramiko loop": 2.0, "pyinfra": 1 / 3, "ansible script": 1 / 6}


def bare_loop(sshd: LocalSSHD, hosts: tuple[str, ...]) -> None:
    """What nobody could do less than: connections that are kept, a command for each step."""

    def connect(host: str) -> paramiko.SSHClient:
        client = paramiko.SSHClient()
        client.get_host_keys().add(f"[{host}]:{sshd.port}", key.get_name(), key)
        client.connect(
            host,
            port=sshd.port,
            username=sshd.user,
            key_filename=str(sshd.folder / "client"),
            allow_agent=False,
            look_for_keys=False,
        )
        return client

    def step(client: paramiko.SSHClient) -> None:
        _, output, _ = client.exec_command(SCRIPT)
        if output.read().count(b"\n") != LINES or output.channel.recv_exit_status():
            raise RuntimeError("a step of the peer failed")

    kind, text = sshd.public_key("host_ed25519").split()[:2]
    key = paramiko.PKey.from_type_string(kind, base64.b64decode(text))
    with ThreadPoolExecutor(len(hosts)) as pool:
        clients = list(pool.map(connect, hosts))
        for _ in range(STEPS):
            list(pool.map(step, clients))
        for client in clients:
            client.close()


def peers(sshd: LocalSSHD, folder: Path) -> dict[str, Callable[[], None]]:
    hosts = addresses(HOSTS)
    found: dict[str, Callable[[], None]] = {
        "a bare paramiko loop": lambda: bare_loop(sshd, hosts),
    }
    try:
        programs = installed(folder / "venv")
    except Unavailable as missing:
        log(f"without pyinfra and ansible: {missing}")
        return found
    kinds: dict[str, type[Peer]] = {"pyinfra": Pyinfra, "ansible script": Ansible}
    return found | {
        name: kind(programs, folder, sshd, hosts, [SCRIPT] * STEPS).run
        for name, kind in kinds.items()
    }


def ours(sshd: LocalSSHD, hosts: int, steps: int) -> float:
    with site(sshd, hosts) as place:
        bundle_of(sshd, [SCRIPT] * steps)
        task = place.queued()
        return _timed(lambda: succeeded(place, task))


def _timed(work: Callable[[], Any]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def measure(sshd: LocalSSHD, folder: Path) -> list[dict[str, Any]]:
    others = peers(sshd, folder)
    took: dict[str, list[float]] = {name: [] for name in ("ours", *others)}
    for _ in range(ROUNDS):
        took["ours"].append(ours(sshd, HOSTS, STEPS))
        for name, run in others.items():
            took[name].append(_timed(run))
        log(" · ".join(f"{name} {times[-1]:.1f} s" for name, times in took.items()))
    medians = {name: statistics.median(times) for name, times in took.items()}
    log(f"load {os.getloadavg()}")
    return [
        {
            "work": f"{HOSTS} hosts x {STEPS} steps, against {name}",
            "ours": medians["ours"],
            "peer": medians[name],
            "goal": GOALS[name],
        }
        for name in others
    ]


def main() -> None:
    try:
        with server() as sshd, tempfile.TemporaryDirectory(prefix="ssh-steps-") as folder:
            rows = measure(sshd, Path(folder))
            for hosts in GROWTH:
                took = ours(sshd, hosts, 5)
                log(f"{hosts} hosts x 5 steps: {took:.1f} s, {took / hosts / 5 * 1e3:.1f} ms each")
    except Unavailable as missing:
        json.dump(str(missing), sys.stdout)
    else:
        json.dump(rows, sys.stdout)
