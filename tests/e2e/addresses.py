"""A virtual address on lab hosts: what serves behind it, who has it, and who answers there."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.e2e.site import Site, Task
from tests.lab import Host, LabError

PORT = 8080
UNIT = "vip-web"
# Says which host it is. A process for each caller: one that went with the address blocks no other.
WEB = r"""
use strict; use IO::Socket::INET;
my ($port, $text) = @ARGV;
$SIG{CHLD} = 'IGNORE';
my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "$!";
while (1) {
    my $caller = $server->accept or next;
    if (!fork) {
        alarm 2;
        while (my $line = <$caller>) { last if $line =~ /^\r?$/ }
        print $caller "HTTP/1.0 200 OK\r\nContent-Length: " . length($text) . "\r\n\r\n$text";
        exit;
    }
    close $caller;
}
"""
# Adverts of keepalived are of IP protocol 112; without them each host takes the others for dead.
VRRP = ("--protocol", "112", "--jump", "DROP")


def serve(host: Host) -> None:
    host.exec("sh", "-c", "cat >/run/vip-web.pl", input=WEB.encode())
    command = ("perl", "/run/vip-web.pl", str(PORT), host.name)
    host.exec("systemd-run", "--quiet", "--collect", f"--unit={UNIT}", *command)


def serve_no_more(host: Host) -> None:
    host.exec("systemctl", "stop", UNIT, check=False)


def deaf_to_others(host: Host) -> None:
    host.exec("iptables", "--insert", "INPUT", *VRRP)


def hears_others(host: Host) -> None:
    while host.exec("iptables", "--delete", "INPUT", *VRRP, check=False).returncode == 0:
        pass


def go_on(host: Host) -> None:
    """Lets a host go on, if it was paused."""
    with contextlib.suppress(LabError):
        host.unpause()


def network_address(host: Host, number: int) -> str:
    """One of the lab's network, in which no host is above 199."""
    return str(ipaddress.ip_interface(f"{host.address}/24").network[number])


@dataclass(frozen=True)
class Address:
    """An address that moves between `hosts`, whose first is preferred."""

    site: Site
    environment: int
    hosts: Sequence[Host]
    vip: str

    def preview(self, **fields: Any) -> Any:
        ids = {node["name"]: node["id"] for node in self.site.nodes(self.environment)}
        body = {
            "vip": self.vip,
            "interface": "eth0",
            "port": PORT,
            "nodes": [ids[host.name] for host in self.hosts],
        }
        path = f"/environments/{self.environment}/lvs-vip/preview"
        return self.site.api.post(path, **body | fields)

    def apply(self, **fields: Any) -> Task:
        base = f"/environments/{self.environment}"
        ref = self.preview(**fields)["preview_ref"]
        made = self.site.api.post(f"{base}/lvs-vip/apply", preview_ref=ref)
        return Task(self.site.api, f"{base}/install/tasks/{made['id']}", made["id"])

    def remove(self) -> Task:
        preview = self.site.api.post(
            f"/environments/{self.environment}/install/preview",
            bundle="lvs-vip-debian13",
            version=self.version(),
            kind="uninstall",
        )
        return self.site.start(self.environment, preview)

    def version(self) -> str:
        rows = self.site.api.get("/environments/bundles")
        found: str = next(row["version"] for row in rows if row["name"] == "lvs-vip-debian13")
        return found

    def state(self) -> tuple[str, dict[str, str]]:
        """The environment's status, and what is wrong with it: {source: code}."""
        found = self.site.api.get(f"/environments/{self.environment}")
        return found["status"], {said["source"]: said["code"] for said in found["health"]}

    def holders(self) -> list[str]:
        """Names of the hosts that have the address."""
        asked = ("ip", "-o", "address", "show", "to", self.vip)
        return [host.name for host in self.hosts if host.exec(*asked).stdout]

    def answer(self) -> str:
        """Who answers there, as one finds out who is not on a host; empty when nobody does."""
        try:
            connection = http.client.HTTPConnection(self.vip, PORT, timeout=0.25)
            connection.request("GET", "/")
            return connection.getresponse().read().decode()
        except (OSError, http.client.HTTPException):
            return ""

    def moves_to(self, host: Host, seconds: float, since: float | None = None) -> float:
        """The seconds until `host` is who answers there, from now or `since` (monotonic)."""
        began = since or time.monotonic()
        while self.answer() != host.name:
            assert time.monotonic() - began < seconds, f"{host.name} does not answer in time"
            time.sleep(0.02)
        return time.monotonic() - began

    def rests(self, condition: Callable[[], bool], seconds: float = 15) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"held by {self.holders()}"
            time.sleep(0.1)
