"""Did a task of the bundles of `phases` do everything once? What its hosts say, against the API."""

from __future__ import annotations

import base64
import io
import re
import tarfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.e2e import phases
from tests.e2e.site import Task
from tests.lab import Host

Told = Counter[str]
AS_USUAL: Told = Counter(started=1, succeeded=1)
_TOKEN = re.compile(rb"^::slipway secret TOKEN=([0-9a-f]{16})$", re.MULTILINE)
_KEPT = 'cd / && tar -c var/lib/slipway/runs/"$1"-*/out "${2#/}" | base64'


@dataclass(frozen=True)
class Kept:
    """What a host has of a run. `outputs`: of each attempt, by its directory there; `runs`: how
    often each attempt ran, by its name."""

    outputs: dict[str, bytes]
    runs: dict[str, int]


def ran_once(
    task: Task, hosts: Sequence[Host], mark: str, told: Mapping[int, Told] | None = None
) -> None:
    """Every step succeeded at its first attempt, ran once on its host, and its log is byte for
    byte what it wrote there, but for the secret. Its start and its end were told once, unless
    `told` says otherwise of it."""
    ended, seen = task.look(), told_of(task)
    kept = {host.name: kept_by(host, task, mark) for host in hosts}
    hooks: Counter[str] = Counter()
    for step in ended["steps"]:
        assert (step["status"], step["attempt"]) == ("succeeded", 1), task.explain(ended)
        assert seen[step["id"]] == (told or {}).get(step["id"], AS_USUAL), step
        if step["hook"] != "transfer":
            node, directory = step["node"]["name"], task.run_directory(step)
            hooks[node] += 1
            assert kept[node].runs[directory.rpartition("/")[2]] == 1, step
            assert task.log(step) == masked(kept[node].outputs[directory]), step
    assert {name: len(each.runs) for name, each in kept.items()} == hooks  # nothing else ran
    ends = [e for e in task.events() if e["action"] == "environment.install_succeeded"]
    assert len(ends) == 1


def told_of(task: Task) -> dict[int, Told]:
    """By step, how often each of its transitions was told."""
    told: defaultdict[int, Told] = defaultdict(Counter)
    for event in task.events():
        if step := event["detail"].get("step_id"):
            told[step][event["action"].rpartition("_")[2]] += 1
    return told


def kept_by(host: Host, task: Task, mark: str) -> Kept:
    effects = f"{phases.EFFECTS}/{mark}/"
    said = host.exec("sh", "-c", _KEPT, "sh", task.run, effects).stdout
    outputs, runs = {}, {}
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(said))) as archive:
        for member in archive:
            path = f"/{member.name}"
            if file := archive.extractfile(member):
                if path.startswith(effects):
                    runs[path.removeprefix(effects)] = len(file.read().splitlines())
                else:
                    outputs[path.rpartition("/")[0]] = file.read()
    return Kept(outputs, runs)


def masked(out: bytes, *, whole: bool = True) -> bytes:
    """What is stored of an output of a hook of `phases`, which was not ended if it is `whole`."""
    assert out.endswith(b"last line\n") == whole
    assert b"no text: \xff\xfe\0, text: \xc3\xa4\n" in out
    [token] = _TOKEN.findall(out)
    return out.replace(token, b"*" * len(token))
