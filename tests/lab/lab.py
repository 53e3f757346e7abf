"""A named set of hosts: made, found again, and removed by its label."""

import hashlib
import ipaddress
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

from tests.lab.docker import (
    LABEL,
    RECIPE_LABEL,
    STATE_LABEL,
    LabError,
    docker,
    ensure_daemon,
    lines,
)
from tests.lab.host import Host, authorize, describe, wait_ready
from tests.lab.hostimage import RELEASE, RUN_FLAGS, ensure_image, recipe
from tests.lab.locks import CACHE, locked
from tests.lab.network import FIRST_SPARE, ensure_network, host_address, remove_networks

AT_ONCE = 4  # hosts started side by side: booting is CPU time
HEALTHY_SECONDS = 15  # for one that was up already
KEYGEN = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "")
INNER = ("docker", "containerd")  # in /var/lib; overlay file systems don't stack, volumes do


class Lab:
    """Hosts `<name>-1`, `<name>-2`, … Everything made carries the label `slipway.lab=<name>`.

    `state_dir` keeps the key pair (0600) that gets into every host. Labs of one name in two state
    directories are two labs. `release` is Debian's code name of what the hosts run.
    """

    def __init__(self, state_dir: Path = CACHE, name: str = "lab", release: str = RELEASE) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,30}", name):
            raise LabError(f"a lab's name is lower-case letters, digits and dashes: {name!r}")
        self.name = name
        self.release = release
        self.state_dir = state_dir.resolve()
        self.key_path = self.state_dir / "id_ed25519"
        state = hashlib.sha256(str(self.state_dir).encode()).hexdigest()[:6]
        self._resource = f"slipway-lab-{state}-{name}"
        labels = (f"{LABEL}={name}", f"{STATE_LABEL}={state}")
        self._labels = [f"--label={label}" for label in labels]
        self._filters = [f"--filter=label={label}" for label in labels]

    def up(self, count: int) -> list[Host]:
        """Have hosts 1 to `count` run and answer; healthy ones are kept as they are.

        Raises LabError naming each host that did not come up; the others stay.
        """
        ensure_image(self.release)
        with self._lock():
            self._ensure_key()
            subnet = ensure_network(self._resource, self._labels)
            with ThreadPoolExecutor(AT_ONCE) as pool:
                starts = [pool.submit(self._ensure_host, n, subnet) for n in range(1, count + 1)]
            failures = [str(start.exception()) for start in starts if start.exception()]
            if failures:
                raise LabError("\n".join(failures))
            return [start.result() for start in starts]

    def recreate(self, host: Host) -> Host:
        """Replace the host by a fresh one: same name and address, new host keys, nothing on it."""
        with self._lock():
            number = int(host.name.rpartition("-")[2])
            self._remove(host.container)
            return self._ensure_host(number, ensure_network(self._resource, self._labels))

    def hosts(self) -> list[Host]:
        """The hosts that run now, paused ones left out."""
        found = []
        for name in self._containers("--filter", "status=running"):
            form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
            address = docker("inspect", "--format", form, name).stdout.strip()
            found.append(describe(name, self._host_name(name), address, self.key_path))
        return found

    def status(self) -> list[tuple[str, str]]:
        """Every host's name with what Docker says of it."""
        form = "{{.Names}}\t{{.Status}}"
        rows = [line.split("\t") for line in self._list("--format", form)]
        return sorted((self._host_name(name), state) for name, state in rows)

    def spare_address(self, number: int = 0) -> str:
        """An address of the lab's network that no host gets: for a virtual IP."""
        return str(ensure_network(self._resource, self._labels)[FIRST_SPARE + number])

    def down(self) -> None:
        """Remove every container, volume and network of this lab, healthy or not."""
        ensure_daemon()
        with self._lock():
            for container in self._list("--quiet"):
                docker("rm", "--force", "--volumes", container)
            for volume in lines("volume", "ls", "-q", *self._filters):
                docker("volume", "rm", "--force", volume)
            remove_networks(self._filters)

    def _lock(self) -> AbstractContextManager[None]:
        return locked(self.state_dir / f"{self.name}.lock")

    def _ensure_key(self) -> None:
        if self.key_path.exists():
            return
        self.state_dir.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [*KEYGEN, "-C", self._resource, "-f", str(self.key_path)],
            check=True,
            stdin=subprocess.DEVNULL,
        )

    def _ensure_host(self, number: int, subnet: ipaddress.IPv4Network) -> Host:
        container, address = f"{self._resource}-{number}", host_address(subnet, number)
        if not self._healthy(container, address):
            self._remove(container)
            self._create(container, address)
            wait_ready(container, address)
        authorize(container, self.key_path.with_suffix(".pub").read_text().strip())
        return describe(container, self._host_name(container), address, self.key_path)

    def _healthy(self, container: str, address: str) -> bool:
        form = f'{{{{.State.Status}}}} {{{{index .Config.Labels "{RECIPE_LABEL}"}}}}'
        asked = docker("container", "inspect", "--format", form, container, check=False)
        if asked.returncode:
            return False
        status, made_by = asked.stdout.split()
        if made_by != recipe(self.release) or status not in ("running", "paused"):
            return False
        if status == "paused":
            docker("unpause", container)
        try:
            wait_ready(container, address, HEALTHY_SECONDS)
        except LabError:
            return False
        return True

    def _create(self, container: str, address: str) -> None:
        mounts = []
        for part in INNER:
            volume = f"{container}-{part}"
            docker("volume", "create", *self._labels, volume)
            mounts.append(f"--volume={volume}:/var/lib/{part}")
        docker(
            "run",
            "--detach",
            f"--name={container}",
            f"--hostname={self._host_name(container)}",
            *self._labels,
            f"--network={self._resource}",
            f"--ip={address}",
            *RUN_FLAGS,
            *mounts,
            ensure_image(self.release),
        )

    def _remove(self, container: str) -> None:
        docker("rm", "--force", "--volumes", container, check=False)
        for part in INNER:
            docker("volume", "rm", "--force", f"{container}-{part}")

    def _containers(self, *filters: str) -> list[str]:
        names = self._list("--format", "{{.Names}}", *filters)
        return sorted(names, key=lambda name: int(name.rpartition("-")[2]))

    def _list(self, *argv: str) -> list[str]:
        return lines("ps", "--all", "--no-trunc", *self._filters, *argv)

    def _host_name(self, container: str) -> str:
        return f"{self.name}-{container.rpartition('-')[2]}"
