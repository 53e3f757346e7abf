"""A lab's own network: reachable from this machine, and from nowhere to nowhere else."""

import hashlib
import ipaddress
from pathlib import Path

from tests.lab.docker import LabError, docker, lines

# RFC 2544: set aside for testing networks, so no real one is in the way.
RANGE = ipaddress.IPv4Network("198.18.0.0/15")
FIRST_HOST = 10
FIRST_SPARE = 200


def ensure_network(name: str, labels: list[str]) -> ipaddress.IPv4Network:
    """Make the network unless it exists; return its subnet."""
    if subnet := _subnet(name):
        return subnet
    candidates = list(RANGE.subnets(new_prefix=24))
    start = int.from_bytes(hashlib.sha256(name.encode()).digest()[:2], "big")
    problem = ""
    for step in range(len(candidates)):
        subnet = candidates[(start + step) % len(candidates)]
        if any(subnet.overlaps(route) for route in _routes()):
            continue
        made = docker(
            "network",
            "create",
            "--internal",  # hosts get no way out: what they need is brought to them
            f"--subnet={subnet}",
            *labels,
            name,
            check=False,
        )
        if made.returncode == 0:
            return subnet
        problem = made.stderr.strip()
        if "overlap" not in problem.lower():
            break
    raise LabError(f"no network for the lab: {problem or 'every candidate is taken'}")


def host_address(subnet: ipaddress.IPv4Network, number: int) -> str:
    """The address of host `number` (from 1): fixed, so that it survives a reboot."""
    if not 1 <= number < FIRST_SPARE - FIRST_HOST:
        raise LabError(f"a lab has at most {FIRST_SPARE - FIRST_HOST - 1} hosts")
    return str(subnet[FIRST_HOST + number])


def _subnet(name: str) -> ipaddress.IPv4Network | None:
    form = "{{range .IPAM.Config}}{{.Subnet}}{{end}}"
    asked = docker("network", "inspect", "--format", form, name, check=False)
    return ipaddress.IPv4Network(asked.stdout.strip()) if asked.returncode == 0 else None


def _routes() -> list[ipaddress.IPv4Network]:
    """This machine's own routes, the default one left out (proc_net_route(5): hex, reversed)."""
    found = []
    for line in Path("/proc/net/route").read_text().splitlines()[1:]:
        fields = line.split()
        address, mask = (int.from_bytes(bytes.fromhex(fields[i]), "little") for i in (1, 7))
        if mask:
            found.append(ipaddress.IPv4Network((address, bin(mask).count("1"))))
    return found


def remove_networks(filters: list[str]) -> None:
    """Remove what carries the lab's labels."""
    for network in lines("network", "ls", "-q", *filters):
        docker("network", "rm", network)
