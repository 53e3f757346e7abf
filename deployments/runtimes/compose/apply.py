"""Brings a release to its hosts: stage, gate and switch; restore where one of them fails.

Staging and gating happen on all hosts before any host switches, so that a release whose health
check never passes, or whose image can't be had, changes nothing of what serves. Each part is a step
that the host runs by itself, at most once: a worker that takes over finds what is done and goes on.
"""

from __future__ import annotations

import json
import threading
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from config.core import threads
from config.core.leases import Lease
from config.core.secrets import Redactor, Secret
from deployments.models import Release, ReleaseLog, ReleaseStep
from deployments.runtimes.base import Outcome
from deployments.runtimes.compose import project
from deployments.runtimes.compose.diagnosis import diagnose
from deployments.runtimes.compose.host import ComposeHost, escaped
from deployments.runtimes.compose.preview import project_name
from deployments.secrets import content_of, secrets_of_release
from environments.access import login_of, secrets_of
from environments.install.stopping import Watch
from environments.models import EnvironmentNode, HostStep, StepStatus
from environments.selectors import compose_nodes
from environments.ssh.connection import Connection
from environments.ssh.pool import ConnectionPool
from environments.steps import Script, StepRunner

HEALTH_SECONDS: Final = 60
STEP_SECONDS: Final = 900
_PERCENT: Final = {"stage": 20, "gate": 50, "switch": 80, "restore": 90}


class Apply:
    """One run of a release; every method can be the last one of this worker."""

    def __init__(self, release: Release, lease: Lease, pool: ConnectionPool) -> None:
        self.release = release
        self.lease = lease
        self.pool = pool
        self.name = project_name(release.service, release.target)
        self.content = content_of(release)
        self.steps = {(step.hook, step.node_id): step for step in _steps_of(release)}
        self.nodes = [s.node for s in self.steps.values() if s.hook == "stage" and s.node]
        secrets = secrets_of_release(release) + [s for node in self.nodes for s in secrets_of(node)]
        if release.previous:  # what it printed is in the diagnostics, too
            secrets += secrets_of_release(release.previous)
        self.redactor = Redactor(secrets)
        self.runner = StepRunner(lease, ReleaseLog, self._connect, self.redactor)

    def to_the_end(self) -> Outcome:
        forward = [step for step in self.steps.values() if step.hook != "restore"]
        with Watch(self.release, self.lease, self.runner, forward) as watch:
            failed = self._forward(watch)
        if failed is None:
            return Outcome()
        self.lease.check()
        reason = "cancelled" if watch.cancelled.is_set() else _reason(failed)
        diagnostics = self.release.diagnostics_json or self._diagnose(failed)
        restored = self._restore()
        diagnostics["raw"]["restored"] = restored
        return Outcome(reason if restored else "needs_attention", diagnostics)

    def _forward(self, watch: Watch) -> ReleaseStep | None:
        """The first step that did not succeed, or None. Once it is to be cancelled, nothing begins
        any more; what an earlier worker left running is followed to the end the watch makes."""
        for verb, at_once in (("stage", True), ("gate", True), ("switch", False)):
            batches = [self.nodes] if at_once else [[node] for node in self.nodes]
            for batch in batches:
                for step in self._run(verb, batch, watch.cancelled):
                    if step.status != StepStatus.SUCCEEDED:
                        return step
        return None

    def _restore(self) -> bool:
        """What ran before runs again on the hosts that were switched; candidates go everywhere."""
        touched = [node for node in self.nodes if self.steps["stage", node.pk].started_at]
        steps = self._run("restore", touched, threading.Event())
        return all(step.status == StepStatus.SUCCEEDED for step in steps)

    def _run(
        self, verb: str, nodes: list[EnvironmentNode], cancelled: threading.Event
    ) -> list[ReleaseStep]:
        self.lease.check()
        self._progress(verb)
        steps = [self.steps[verb, node.pk] for node in nodes]
        script = self._script(verb)

        def run(step: ReleaseStep) -> None:
            begun = step.status == StepStatus.RUNNING
            if begun or (step.status == StepStatus.PENDING and not cancelled.is_set()):
                self.runner.execute(step, script)

        threads.each(run, steps)
        return steps

    def _script(self, verb: str) -> Script:
        releases = f"{settings.REMOTE_DIR}/releases/{self.name}"
        previous = self.release.previous
        env: dict[str, str | Secret] = {
            "SLIPWAY_PROJECT": self.name,
            "SLIPWAY_RELEASES": releases,
            "SLIPWAY_RELEASE": f"{releases}/{self.release.correlation_id}",
            "SLIPWAY_PREVIOUS": f"{releases}/{previous.correlation_id}" if previous else "",
            "SLIPWAY_WAIT": str(HEALTH_SECONDS),
            "SLIPWAY_STRATEGY": self.release.strategy,
            "SLIPWAY_GATED": " ".join(self._gated()),
        }
        files = {
            "lib.sh": _source("lib"),
            "compose.json": json.dumps(escaped(self.content)).encode(),
        }
        return Script(_source(verb), env, STEP_SECONDS, files)

    def _gated(self) -> list[str]:
        if self.release.previous is None or self.release.strategy != "rolling":
            return []
        return project.gated(self.content, project.changed_services(self.release.diff))

    def _connect(self, step: HostStep) -> Connection:
        return self.pool.get(login_of(step.node))

    def _progress(self, verb: str) -> None:
        progress = {
            "phase": verb,
            "percent": _PERCENT[verb],
            "message": f"{verb} on {len(self.nodes)} hosts",
        }
        Release.objects.filter(pk=self.release.pk, fence=self.lease.fence).update(progress=progress)

    def _diagnose(self, failed: ReleaseStep) -> dict[str, Any]:
        def connect(node: EnvironmentNode) -> ComposeHost:
            return ComposeHost(node.name, self.name, self.pool.get(login_of(node)))

        found = diagnose(self.nodes, connect, list(self.steps.values()), failed, self.redactor)
        # Stored before the failed containers go: a worker that takes over can't see them.
        Release.objects.filter(pk=self.release.pk, fence=self.lease.fence).update(
            diagnostics_json=found
        )
        return found


def _reason(step: ReleaseStep) -> str:
    """A host that ran the step and found it failing says the release is not healthy."""
    if step.hook in ("gate", "switch") and step.reason_code in ("step_failed", "step_timeout"):
        return "unhealthy"
    return step.reason_code


def _steps_of(release: Release) -> list[ReleaseStep]:
    """The run's steps in their order; made, all at once, by the first worker that has it. Later
    ones go by what was made, whatever nodes the environment has by then."""
    with transaction.atomic():
        if not release.steps.exists():
            nodes = compose_nodes(release.environment_id)
            pairs = [(verb, node) for verb in _PERCENT for node in nodes]
            ReleaseStep.objects.bulk_create(
                ReleaseStep(run=release, index=index, phase=verb, hook=verb, node=node)
                for index, (verb, node) in enumerate(pairs)
            )
    steps = list(release.steps.select_related("node__credential", "node__environment"))
    for step in steps:
        step.run = release
    return steps


@cache
def _source(verb: str) -> bytes:
    return (Path(__file__).parent / "scripts" / f"{verb}.sh").read_bytes()
