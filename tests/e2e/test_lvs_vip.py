"""A virtual address with real keepalived on two hosts: one has it, and another when that one is
gone. In the order of a life: it comes, moves, breaks and is mended, and goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e import addresses
from tests.e2e.addresses import PORT, Address
from tests.e2e.site import Site, unique
from tests.lab import Host

pytestmark = pytest.mark.lab

AT_MOST = 5.0  # seconds until another host answers
CONFIGURATION = "/etc/keepalived/keepalived.conf"
# What is installed, configured and running on a host, and its addresses.
STATE = """
dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\\n'
find /etc /usr/local /var/lib/slipway/state -type f -exec sha256sum {} + | sort
systemctl show --property MainPID,ActiveState keepalived.service
ip -o address show | sed 's/ valid_lft.*//'
"""


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[Address]:
    """Of an environment in use, whose hosts serve the port."""
    environment = site.environment(*site.hosts)
    site.install(environment, mark=unique("mark")).succeeded()
    for host in site.hosts:
        addresses.serve(host)
    vip = addresses.network_address(site.hosts[0], 220)
    yield Address(site, environment, site.hosts, vip)
    for host in site.hosts:
        addresses.go_on(host)
        addresses.hears_others(host)
        addresses.serve_no_more(host)


@pytest.fixture(scope="module")
def before(address: Address) -> dict[str, set[str]]:
    """The packages of each host before it."""
    return {host.name: installed(host) for host in address.hosts}


@pytest.fixture(scope="module")
def held(address: Address, before: dict[str, set[str]]) -> Address:
    """It is there, on the first host."""
    assert all("keepalived" not in packages for packages in before.values())
    address.apply().succeeded(600)
    return address


def installed(host: Host) -> set[str]:
    form = "${db:Status-Status} ${Package}\\n"
    lines = host.exec("dpkg-query", "-W", "-f", form).stdout.splitlines()
    return {line.split()[1] for line in lines if line.startswith("installed ")}


def state(host: Host) -> str:
    return host.exec("sh", "-c", STATE).stdout


def test_one_host_has_it_and_it_answers_from_outside(held: Address) -> None:
    first, second = held.hosts
    assert held.holders() == [first.name]
    assert held.answer() == first.name
    assert held.state() == ("ready", {})
    for host in held.hosts:
        assert host.exec("systemctl", "is-active", "keepalived").stdout == "active\n"
    assert "priority 250" in first.exec("cat", CONFIGURATION).stdout
    assert "priority 230" in second.exec("cat", CONFIGURATION).stdout


def test_its_end_is_told(held: Address) -> None:
    told = held.site.api.all(
        f"/events?action=environment.vip_succeeded&project={held.site.project}"
    )
    assert [event["environment_id"] for event in told] == [held.environment]


def pauses(host: Host) -> None:
    host.pause()


def loses_keepalived(host: Host) -> None:
    host.exec("systemctl", "kill", "--signal=KILL", "keepalived")


def stops_keepalived(host: Host) -> None:
    host.exec("systemctl", "stop", "keepalived")


def comes_back(host: Host) -> None:
    addresses.go_on(host)
    host.exec("systemctl", "start", "keepalived")
    if host.exec("systemctl", "is-active", addresses.UNIT, check=False).returncode:
        addresses.serve(host)


@pytest.mark.parametrize(
    "goes", [pauses, loses_keepalived, stops_keepalived, addresses.serve_no_more]
)
def test_another_host_answers_within_five_seconds_and_the_first_when_it_is_back(
    held: Address, goes: Callable[[Host], None], record_property: Callable[[str, object], None]
) -> None:
    first, second = held.hosts
    held.moves_to(first, 20)
    began = time.monotonic()
    goes(first)
    try:
        taken = held.moves_to(second, AT_MOST, began)
    finally:
        comes_back(first)
    back = held.moves_to(first, 20)
    record_property("seconds", {"taken": round(taken, 2), "back": round(back, 2)})
    held.rests(lambda: held.holders() == [first.name])


def test_two_failed_tries_move_nothing(held: Address) -> None:
    """A port that is away for a second is not away."""
    first = held.hosts[0]
    held.moves_to(first, 20)
    moves = ("journalctl", "--unit=keepalived", "--grep=Entering", "--output=cat", "--no-pager")
    as_it_was = first.exec(*moves).stdout
    addresses.serve_no_more(first)
    time.sleep(0.8)  # of three tries, a second apart, at most two find nobody
    addresses.serve(first)
    time.sleep(4)  # longer than a move takes
    assert first.exec(*moves).stdout == as_it_was
    assert held.answer() == first.name


def test_the_same_again_restarts_nothing(held: Address) -> None:
    held.rests(lambda: held.holders() == [held.hosts[0].name])
    as_it_was = [state(host) for host in held.hosts]
    task = held.apply()
    task.succeeded(120)
    assert [state(host) for host in held.hosts] == as_it_was
    for host in held.hosts:
        assert b"nothing to change" in task.log(task.step("keepalived", host))


def test_two_holders_degrade_and_a_retry_alone_mends(held: Address) -> None:
    first, second = held.hosts
    try:
        for host in held.hosts:
            addresses.deaf_to_others(host)
        held.rests(lambda: held.holders() == [first.name, second.name])
        task = held.apply()
        ended = task.ended(180)
        assert (ended["status"], ended["reason_code"]) == ("failed", "vip_not_unique")
        assert held.state() == ("degraded", {"vip": "vip_not_unique"})
        assert b"answers for it too" in task.log(task.step("observe", first))
    finally:
        for host in held.hosts:
            addresses.hears_others(host)
    held.rests(lambda: held.holders() == [first.name])
    done = {s["id"]: s["finished_at"] for s in ended["steps"] if s["status"] == "succeeded"}
    held.site.api.post(f"{task.path}/retry")
    mended = task.succeeded(120)
    assert held.state() == ("ready", {})
    assert done == {s["id"]: s["finished_at"] for s in mended["steps"] if s["id"] in done}


def test_where_no_node_serves_the_port_nothing_is_touched(held: Address) -> None:
    as_it_was = [state(host) for host in held.hosts]
    task = held.apply(port=PORT + 1)
    ended = task.ended(120)
    assert (ended["status"], ended["reason_code"]) == ("failed", "step_failed")
    assert b"no node serves port 8081" in task.log(task.step("address", held.hosts[0]))
    assert held.state() == ("degraded", {"vip": "step_failed"})
    assert [state(host) for host in held.hosts] == as_it_was


def test_an_address_that_another_host_has_is_not_taken(held: Address) -> None:
    as_it_was = [state(host) for host in held.hosts]
    gateway = addresses.network_address(held.hosts[0], 1)  # this machine's own, in the network
    task = held.apply(vip=gateway)
    ended = task.ended(120)
    assert (ended["status"], ended["reason_code"]) == ("failed", "vip_not_unique")
    assert b"another host answers for" in task.log(task.step("address", held.hosts[0]))
    assert [state(host) for host in held.hosts] == as_it_was


def test_an_interface_that_is_not_there(held: Address) -> None:
    task = held.apply(interface="eth7")
    assert task.ended(60)["status"] == "failed"
    assert b"there is no interface eth7" in task.log(task.step("preflight", held.hosts[0]))


@pytest.fixture
def without_ipvs(held: Address) -> Address:
    asked = "test -e /proc/net/ip_vs || modprobe --dry-run --quiet ip_vs"
    if held.hosts[0].exec("sh", "-c", asked, check=False).returncode == 0:
        pytest.skip("this machine's kernel has IPVS")
    return held


def test_mode_lvs_is_refused_where_the_kernel_has_no_ipvs(without_ipvs: Address) -> None:
    held = without_ipvs
    as_it_was = [state(host) for host in held.hosts]
    ended = held.apply(mode="lvs").ended(60)
    assert (ended["status"], ended["reason_code"]) == ("failed", "ipvs_unavailable")
    assert {step["status"] for step in ended["steps"] if step["phase"] != "preflight"} == {
        "skipped"
    }
    assert held.state() == ("degraded", {"vip": "ipvs_unavailable"})
    assert [state(host) for host in held.hosts] == as_it_was
    assert held.answer() == held.hosts[0].name


def test_keepalived_takes_the_configuration_of_mode_lvs(
    without_ipvs: Address, bundle_root: Path
) -> None:
    """As far as this kernel goes: rendered and checked by the hook, refused after that."""
    held = without_ipvs
    first, second = held.hosts
    as_it_was = state(first)
    for folder in ("hooks/common", "hooks/lvs-vip", "templates"):
        first.copy_in(bundle_root / folder, "/run/vip-hooks")
    facts = f"{first.name}={first.address} {second.name}={second.address}"
    told = {
        "SLIPWAY_HOOKS_DIR": ".",
        "SLIPWAY_NODE_NAME": first.name,
        "SLIPWAY_OPTION_VIP": held.vip,
        "SLIPWAY_OPTION_INTERFACE": "eth0",
        "SLIPWAY_OPTION_MODE": "lvs",
        "SLIPWAY_OPTION_PORT": str(PORT),
        "SLIPWAY_OPTION_NODES": f"{first.name} {second.name}",
        "SLIPWAY_FACT_VIP_ADDRESS": first.address,
        "SLIPWAY_FACTS_VIP_ADDRESS": facts,
    }
    variables = [f"{name}={value}" for name, value in told.items()]
    script = "cd /run/vip-hooks && exec sh ./configure.sh"
    done = first.exec("env", *variables, "sh", "-c", script, check=False)
    assert done.returncode == 1
    assert f"virtual_server {held.vip} {PORT} {{" in done.stdout
    for host in held.hosts:
        assert f"real_server {host.address} {PORT} {{" in done.stdout
    assert "keepalived takes this configuration" in done.stdout
    assert "::slipway set REASON=ipvs_unavailable" in done.stdout
    assert state(first) == as_it_was


def test_it_goes_again(held: Address, before: dict[str, set[str]]) -> None:
    held.remove().succeeded(120)
    assert held.holders() == []
    assert held.answer() == ""
    assert held.state() == ("ready", {})
    for host in held.hosts:
        assert installed(host) == before[host.name]
        assert host.exec("test", "-e", CONFIGURATION, check=False).returncode == 1
