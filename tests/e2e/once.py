"""Did a task of the bundles of `phases` do everything once? What its hosts say, against the API."""

from __future__ import annotations

import base64
import io
import re
import tarfile
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.e2e import phases
from tests.e2e.site import Task
from tests.lab import Host

_TOKEN = re.compile(rb"^::slipway secret TOKEN=([0-9a-f]{16})$", re.MULTILINE)
_KEPT = 'cd / && tar -c var/lib/slipway/runs/"$1"-*/out "${2#/}" | base64'


def ran_once(task: Task, hosts: Sequence[Host], mark: str) -> None:
    """Every step succeeded at its first attempt, was told once, ran once on its host, and its log
    is byte for byte what it wrote there, but for the secret."""
    ended, events = task.look(), task.events()
    run = events[0]["correlation_id"].replace("-", "")
    kept = {host.name: _kept(host, run, mark) for host in hosts}
    told = Counter((e["detail"].get("step_id"), e["action"].rpartition("_")[2]) for e in events)
    effects: Counter[str] = Counter()
    for index, step in enumerate(ended["steps"]):
        assert (step["status"], step["attempt"]) == ("succeeded", 1), task.explain(ended)
        assert _told(told, step["id"]) == {"started": 1, "succeeded": 1}, (step, events)
        if step["hook"] != "transfer":
            job, files = f"{run}-{index}-1", kept[step["node"]["name"]]
            effects[step["node"]["name"]] += 1
            assert len(files[f"{phases.EFFECTS}/{mark}/{job}"].splitlines()) == 1, step
            assert task.log(step) == masked(files[f"/var/lib/slipway/runs/{job}/out"]), step
    for name, files in kept.items():  # and nothing else ran
        assert sum(path.startswith(phases.EFFECTS) for path in files) == effects[name]
    assert sum(e["action"] == "environment.install_succeeded" for e in events) == 1


def masked(out: bytes) -> bytes:
    """What is stored of a whole output of a hook of `phases`."""
    assert out.endswith(b"last line\n")
    assert b"no text: \xff\xfe\0, text: \xc3\xa4\n" in out
    [token] = _TOKEN.findall(out)
    return out.replace(token, b"*" * len(token))


def _told(told: Counter[tuple[Any, str]], step: int) -> dict[str, int]:
    return {what: count for (of, what), count in told.items() if of == step}


def _kept(host: Host, run: str, mark: str) -> dict[str, bytes]:
    """By path, the outputs and the effects of a run's hooks on a host."""
    said = host.exec("sh", "-c", _KEPT, "sh", run, f"{phases.EFFECTS}/{mark}").stdout
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(said))) as archive:
        files = [member for member in archive if member.isfile()]
        return {f"/{member.name}": _content(archive, member) for member in files}


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    assert file
    return file.read()
