"""Which hosts Compose can try a project on, and what becomes of its refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from config.core.errors import TargetNotReady
from deployments.runtimes.compose import dry_run
from deployments.runtimes.compose.host import ComposeHost


@dataclass
class HostInMemory:
    """Stands in for a Docker host: what Compose's dry run says there."""

    name: str
    says: str = ""
    asked: int = 0

    def dry_run(self, _project: dict[str, Any]) -> str:
        self.asked += 1
        return self.says


def check(hosts: list[HostInMemory], version: str = "2.26.1-4", *, loose: bool = False) -> Any:
    return dry_run.check(
        cast("list[ComposeHost]", hosts),
        [version] * len(hosts),
        {"services": {}},
        loose=loose,
        secrets={"s3cret": "***"},
    )


def test_it_could_be_created() -> None:
    hosts = [HostInMemory("host-1"), HostInMemory("host-2")]
    assert check(hosts)["status"] == "pass"
    assert [host.asked for host in hosts] == [1, 1]


@pytest.mark.parametrize("version", ["2.19.9", "2.2", "odd"])
def test_an_older_compose_is_not_asked(version: str) -> None:
    host = HostInMemory("host-1")
    found = check([host], version)
    assert found["status"] == "warn"
    assert "host-1" in found["message"]
    assert host.asked == 0


@pytest.mark.parametrize("version", ["2.20.0", "2.40.1", "5.0.0-rc.1"])
def test_newer_ones_are(version: str) -> None:
    assert check([HostInMemory("host-1")], version)["status"] == "pass"


def test_an_image_that_nobody_has_would_be_looked_for_in_vain() -> None:
    host = HostInMemory("host-1")
    assert check([host], loose=True)["status"] == "warn"
    assert host.asked == 0


def test_who_refuses_is_named() -> None:
    hosts = [HostInMemory("host-1"), HostInMemory("host-2", "no network s3cret")]
    with pytest.raises(TargetNotReady) as error:
        check(hosts)
    assert error.value.data["reasons"] == ["host-2: no network ***"]
    assert "s3cret" not in error.value.message
