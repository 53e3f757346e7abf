"""Brings a release to its hosts: stage, gate and switch; restore where one of them fails.

Staging and gating happen on all hosts before any host switches, so that a release whose image can't
be had, or whose candidates don't get healthy, changes nothing of what serves. Then hosts switch in
batches, and the first batch with a failure is the last. Each part is a step that the host runs by
itself, at most once: a worker that takes over finds what is done and goes on.
"""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

from django.db import transaction

from config.core import threads
from config.core.errors import SSHError
from config.core.leases import Lease, LeaseLost
from config.core.secrets import Redactor
from deployments import selectors
from deployments.diagnostics import report
from deployments.models import Release, ReleaseLog, ReleaseStep
from deployments.runtimes.base import Outcome
from deployments.runtimes.compose.diagnosis import diagnose
from deployments.runtimes.compose.host import ComposeHost
from deployments.runtimes.compose.host_scripts import HostScripts
from deployments.runtimes.compose.preview import project_name
from deployments.secrets import content_of, secrets_of_release
from environments.access import login_of, secrets_of
from environments.install.stopping import Watch
from environments.models import EnvironmentNode, HostStep, StepStatus
from environments.selectors import compose_nodes
from environments.ssh.connection import CommandFailed, Connection
from environments.ssh.pool import ConnectionPool
from environments.steps import StepRunner, next_attempt

logger = logging.getLogger(__name__)
_PERCENT: Final = {"stage": 20, "gate": 50, "switch": 80, "restore": 90}


class Apply:
    """One run of a release; every method can be the last one of this worker."""

    def __init__(self, release: Release, lease: Lease, pool: ConnectionPool) -> None:
        self.release = release
        self.lease = lease
        self.pool = pool
        self.name = project_name(release.service, release.target)
        self.scripts = HostScripts(release, self.name, content_of(release))
        self.steps = {(step.hook, step.node_id): step for step in _steps_of(release, self.scripts)}
        nodes = [step.node for step in self.steps.values() if step.hook == "stage"]
        self.nodes = [node for node in nodes if node]  # all: only a cluster's steps have none
        secrets = secrets_of_release(release) + [s for node in self.nodes for s in secrets_of(node)]
        # What ran before, and what failed since, printed some of what is in the diagnostics, too.
        for earlier in selectors.ran_since(release.previous, release.service, release.target):
            secrets += secrets_of_release(earlier)
        self.redactor = Redactor(secrets)
        self.runner = StepRunner(
            lease=lease, log_model=ReleaseLog, redactor=self.redactor, connect=self._connect
        )

    def to_the_end(self) -> Outcome:
        forward = [step for step in self.steps.values() if step.hook != "restore"]
        with Watch(self.release, self.lease, self.runner, forward) as watch:
            failed = self._forward(watch.cancelled)
        if failed is None:
            self._discard_runs()
            return Outcome()
        self.lease.check()
        reason = "cancelled" if watch.cancelled.is_set() else _reason(failed)
        diagnostics = self.release.diagnostics_json or self._diagnose(failed)
        restored = self._restore()
        diagnostics["raw"]["restored"] = restored
        hint = diagnostics["summary"]["hint"]
        diagnostics["summary"]["hint"] = f"{hint} {self._what_runs_now(restored)}".strip()
        self._discard_runs()
        if not restored or watch.survived:
            reason = "needs_attention"
        return Outcome(reason, diagnostics, restored=restored)

    def _forward(self, cancelled: threading.Event) -> ReleaseStep | None:
        """The first step that did not succeed, or None. Once it is to be cancelled, nothing begins
        any more; what an earlier worker left running is followed to the end the watch makes."""
        size = max(1, self.release.target.max_parallel)
        batches = [self.nodes[start : start + size] for start in range(0, len(self.nodes), size)]
        rounds = [("stage", self.nodes), ("gate", self.nodes)]
        for verb, nodes in rounds + [("switch", batch) for batch in batches]:
            for step in self._run(verb, nodes, cancelled):
                if step.status != StepStatus.SUCCEEDED:
                    return step
        return None

    def _restore(self) -> bool:
        """What ran before runs again on the hosts that were switched; candidates go everywhere.
        It can be done again, and is, where a host went down meanwhile."""
        touched = [node for node in self.nodes if self.steps["stage", node.pk].started_at]
        steps = self._run("restore", touched, threading.Event())
        for lost in [step for step in steps if step.reason_code == "worker_lost"]:
            if lost.attempt == 1:
                self.runner.write(lost, **next_attempt(lost))
        steps = self._run("restore", touched, threading.Event())
        return all(step.status == StepStatus.SUCCEEDED for step in steps)

    def _run(
        self, verb: str, nodes: list[EnvironmentNode], cancelled: threading.Event
    ) -> list[ReleaseStep]:
        steps = [self.steps[verb, node.pk] for node in nodes if (verb, node.pk) in self.steps]
        if not steps:
            return []
        self.lease.check()
        self._progress(verb)

        def run(step: ReleaseStep) -> None:
            begun = step.status == StepStatus.RUNNING
            if begun or (step.status == StepStatus.PENDING and not cancelled.is_set()):
                self._head(step)
                switched = self._switch_began(step.node_id)
                self.runner.execute(step, self.scripts.script(verb, switched=switched))

        threads.each(run, steps)
        return steps

    def _head(self, step: ReleaseStep) -> None:
        """A line that says whose output follows; that output begins after it."""
        if step.log_bytes == 0:
            with transaction.atomic():
                self.runner.say(step, f"== {step.hook} on {step.node} ==")
                self.runner.write(step, attempt_offset=step.log_bytes)

    def _switch_began(self, node_id: int | None) -> bool:
        return self.steps["switch", node_id].started_at is not None

    def _what_runs_now(self, restored: bool) -> str:  # noqa: FBT001 - one word says it
        switched = [node.name for node in self.nodes if self._switch_began(node.pk)]
        if not restored:
            return "What ran before could not be restored everywhere: look at the hosts."
        if not switched:
            return "No host was switched: what ran before serves on."
        if self.release.previous is None:
            return f"There was no earlier release: nothing is left on {', '.join(switched)}."
        return f"What ran before was restored on {', '.join(switched)}."

    def _discard_runs(self) -> None:
        """What the steps left on their hosts; their output is stored. What can't be removed now
        does no harm there."""

        def discard(step: ReleaseStep) -> None:
            try:
                self.runner.discard(step)
            except (SSHError, CommandFailed) as error:
                logger.warning("run not removed", extra={"step": str(step), "error": str(error)})

        threads.each(discard, [step for step in self.steps.values() if step.started_at])

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

        try:
            found = diagnose(self.nodes, connect, list(self.steps.values()), failed, self.redactor)
        except LeaseLost:
            raise
        except Exception:  # whatever a host answers must not keep what ran before from coming back
            logger.exception("no diagnosis", extra={"release": self.release.pk})
            text = "What the hosts answered could not be read."
            summary = (failed.reason_code, text, "See the log of the failed step.")
            found = report(runtime_type="compose", stage=failed.hook, summary=summary)
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


def _steps_of(release: Release, scripts: HostScripts) -> list[ReleaseStep]:
    """The run's steps in their order; made, all at once, by the first worker that has it. Later
    ones go by what was made, whatever nodes the environment has by then."""
    with transaction.atomic():
        if not release.steps.exists():
            nodes = compose_nodes(release.environment_id)
            verbs = [verb for verb in _PERCENT if verb != "gate" or scripts.gated]
            pairs = [(verb, node) for verb in verbs for node in nodes]
            ReleaseStep.objects.bulk_create(
                ReleaseStep(run=release, index=index, phase=verb, hook=verb, node=node)
                for index, (verb, node) in enumerate(pairs)
            )
    steps = list(release.steps.select_related("node__credential", "node__environment"))
    for step in steps:
        step.run = release
    return steps
