"""Which addresses a courier connects to, and that nothing it loads gets past that."""

from __future__ import annotations

import subprocess
import sys

import pytest

from config.notifications import sending
from config.notifications.courier.guard import Guard
from tests.notifications.receivers import WebReceiver

INTERNAL = [
    "0.0.0.0",  # noqa: S104 - not bound to
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "5f00::1",
    "localhost",
    "example.org",
    "127.1",
    "2130706433",
    "0x7f000001",
    "",
]
PUBLIC = ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "64:ff9b::1.1.1.1", "2002:101:101::1"]


@pytest.mark.parametrize("host", INTERNAL)
def test_internal_addresses_are_refused(host: str) -> None:
    assert not Guard([]).allows(host)
    assert not Guard(["10.9.9.0/24"]).allows(host)


@pytest.mark.parametrize("host", PUBLIC)
def test_public_addresses_are_not(host: str) -> None:
    assert Guard([]).allows(host)
    assert not Guard(["10.9.9.0/24"], only_networks=True).allows(host)


def test_the_operators_networks_are_reached_in_every_form() -> None:
    guard = Guard(["10.9.9.0/24", "fd00:9::/64"])
    for host in ("10.9.9.1", "::ffff:10.9.9.1", "fd00:9::1"):
        assert guard.allows(host)
    for host in ("10.9.8.1", "fd00:8::1", "127.0.0.1"):
        assert not guard.allows(host)
    assert Guard(["10.9.9.0/24"], only_networks=True).allows("10.9.9.1")


LOOK = """
import sys
sys.path.append(sys.argv[1])
from courier.guard import Guard
Guard(sys.argv[2].split(",")).install()
"""


def run(code: str, networks: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-IB", "-c", LOOK + code, sending._PACKAGES, networks, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_redirect_that_a_library_follows_ends_at_the_guard(web: WebReceiver) -> None:
    door = WebReceiver("127.0.0.2")
    door.answers = [(302, {"Location": f"http://{web.address}/"})] * 2
    try:
        code = "import requests; requests.get(sys.argv[3], timeout=5)"
        kept = run(code, "127.0.0.2/32", f"http://{door.address}/")
        assert web.asked == 0
        assert "notifications go to" in kept.stderr
        free = run(code, "127.0.0.0/8", f"http://{door.address}/")
        assert (free.returncode, web.asked, door.asked) == (0, 1, 2)
    finally:
        door.close()


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('localhost', int(sys.argv[3])))",
        "import socket; socket.socket().connect(('localhost', int(sys.argv[3])))",
        "import socket; socket.socket().connect_ex(('127.0.0.1', int(sys.argv[3])))",
        "import smtplib; smtplib.SMTP('127.0.0.1', int(sys.argv[3]), timeout=5)",
        "import socket; socket.socket(type=2).sendto(b'x', ('127.0.0.1', int(sys.argv[3])))",
        "import socket; socket.socket(socket.AF_UNIX).connect('/run/x')",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
    ],
)
def test_no_way_around(web: WebReceiver, code: str) -> None:
    done = run(code, "10.9.9.0/24", str(web.port))
    assert done.returncode == 1
    assert "Forbidden" in done.stderr
    assert web.asked == 0
