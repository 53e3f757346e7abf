"""What networks do to hosts: silence, broken connections, slowness. Undone at the block's end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab import Host

_WAYS = (("INPUT", "--dport"), ("OUTPUT", "--sport"))
# sshd's own processes, by parentage: the sessions, or those and whom they are children of.
_SESSIONS = """
main=$(systemctl show --property MainPID --value ssh)
for stat in /proc/[0-9]*/stat; do
    read -r pid _ _ parent _ <"$stat" 2>/dev/null && [ "$parent" = "$main" ] && kill -9 "$pid"
done
"""
_SSHD = f"{_SESSIONS}\nkill -9 $main"
_DROP = "\n".join(f"iptables -I {chain} -p tcp {port} 22 -j DROP" for chain, port in _WAYS)
_ALLOW = "\n".join(f"iptables -D {chain} -p tcp {port} 22 -j DROP" for chain, port in _WAYS)
# On the host: it is there sooner than who watches from outside.
_WHEN_ARRIVED = """
part=/var/lib/slipway/artifacts/$1.part
until [ "$(stat -c %s "$part" 2>/dev/null || echo 0)" -ge "$2" ]; do sleep 0.005; done
"""


def break_sessions(host: Host) -> None:
    """Every connection to the host's sshd ends; it takes new ones."""
    host.exec("sh", "-c", f"{_SESSIONS}\ntrue")


def kill_sshd(host: Host) -> None:
    """sshd and all its sessions die at once; the host starts it again."""
    host.exec("sh", "-c", f"{_SSHD}\nuntil systemctl -q is-active ssh; do sleep 0.1; done")


@contextmanager
def silent(host: Host) -> Iterator[None]:
    """Packets between the host's sshd and the others are dropped, both ways."""
    host.exec("sh", "-c", _DROP)
    try:
        yield
    finally:
        host.exec("sh", "-c", _ALLOW)


@contextmanager
def away(host: Host) -> Iterator[None]:
    """As a host that is switched off, but its jobs go on: connections end, new ones don't come."""
    host.exec("sh", "-c", f"{_SESSIONS}\n{_DROP}")
    try:
        yield
    finally:
        host.exec("sh", "-c", _ALLOW)


@contextmanager
def away_when_arrived(host: Host, sha256: str, size: int) -> Iterator[int]:
    """`away` from the moment when so many bytes of an artifact have arrived; how many it has."""
    program = f"{_WHEN_ARRIVED}\n{_SESSIONS}\n{_DROP}\nsleep 0.5; stat -c %s $part"
    said = host.exec("sh", "-c", program, "sh", sha256, str(size), timeout=60)
    try:
        yield int(said.stdout)
    finally:
        host.exec("sh", "-c", _ALLOW)


def until_arrived(host: Host, sha256: str, size: int) -> None:
    """Waits until so many bytes of an artifact have arrived."""
    host.exec("sh", "-c", _WHEN_ARRIVED, "sh", sha256, str(size), timeout=60)


@contextmanager
def stalled(host: Host) -> Iterator[None]:
    """What receives an artifact takes no more, as with a disk that hangs."""
    host.exec("pkill", "-STOP", "-x", "cat")
    try:
        yield
    finally:
        host.exec("pkill", "-CONT", "-x", "cat", check=False)


@contextmanager
def slow(host: Host, packets: int) -> Iterator[None]:
    """The host takes so many packets a second for its sshd, and drops the others."""
    rules = (
        f"INPUT -p tcp --dport 22 -m limit --limit {packets}/s --limit-burst {packets} -j ACCEPT",
        "INPUT -p tcp --dport 22 -j DROP",
    )
    host.exec("sh", "-c", "\n".join(f"iptables -A {rule}" for rule in rules))
    try:
        yield
    finally:
        host.exec("sh", "-c", "\n".join(f"iptables -D {rule}" for rule in rules))


def bytes_received(host: Host) -> int:
    """By all of its interfaces but loopback, since it was started."""
    read = "cat /sys/class/net/e*/statistics/rx_bytes"
    return sum(map(int, host.exec("sh", "-c", read).stdout.split()))


def pause(seconds: float) -> None:
    """How long something lasts is what is tested: there is nothing to wait for."""
    time.sleep(seconds)
