"""Brings a release to a cluster: phase by phase, each waited for before the next; then deletes what
is no longer part of it.

Applying the same object again changes nothing, and what is deleted is named by its uid, so a worker
that takes over does the phase that was under way once more, and goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import transaction

from clusters.kube.api import Kube, Resource
from clusters.kube.transport import Refused
from config.core.errors import ClusterUnreachable, DomainError
from config.core.leases import Lease
from config.core.secrets import Redactor
from deployments import selectors
from deployments.models import Release, ReleaseLog, ReleaseStep
from deployments.runtimes.base import Outcome
from deployments.runtimes.kubernetes import objects
from deployments.runtimes.kubernetes.diagnosis import diagnose
from deployments.runtimes.kubernetes.health import has_failed
from deployments.runtimes.kubernetes.images import digests
from deployments.runtimes.kubernetes.objects import OWNER, Object, key_of, phase_of
from deployments.runtimes.kubernetes.rollout import Rollout
from deployments.runtimes.kubernetes.survey import NO_RIGHT, REPLACED
from deployments.secrets import content_of, secrets_of_release
from environments.models import StepStatus
from environments.steps import StepRecord

R = TypeVar("R")
PRUNE: Final = "prune"
_PERCENT: Final = dict(zip((*objects.PHASES, PRUNE), (10, 20, 30, 50, 80, 95), strict=True))
# What a phase waits for: of the phases before, too, what only pods or a controller can bring about.
_WAITS: Final = {"PersistentVolumeClaim": "workloads", "Ingress": "workloads"}


class Stopped(Exception):
    """The run ends here. `reason`: its reason code; `about`: the objects it is about."""

    def __init__(self, reason: str, text: str, about: Sequence[Object] = ()) -> None:
        self.reason = reason
        self.about = about
        super().__init__(text)


class Apply:
    """One run of a release; every method can be the last one of this worker."""

    def __init__(self, release: Release, lease: Lease, kube: Kube) -> None:
        self.release = release
        self.lease = lease
        self.kube = kube
        self.content = content_of(release)
        secrets = secrets_of_release(release)
        # What ran before, and what failed since, printed some of what is in the diagnostics, too.
        for earlier in selectors.ran_since(release.previous, release.service, release.target):
            secrets += secrets_of_release(earlier)
        self.redactor = Redactor(secrets)
        self.record = StepRecord(lease=lease, log_model=ReleaseLog, redactor=self.redactor)
        self.steps = self._steps()
        # Whether the cluster may hold anything of this release; an earlier worker may have begun.
        self.touched = any(step.started_at for step in self.steps)

    def to_the_end(self) -> Outcome:
        for step in self.steps:
            if step.status == StepStatus.SUCCEEDED:
                continue
            self.record.begin(step)
            self._progress(step.phase, "begins")
            try:
                self._require_no_conflict()
                self._run(step)
            except Stopped as stop:
                return self._broken(step, stop)
            except DomainError as error:  # the cluster went away, or no longer takes our credential
                return self._broken(step, Stopped(error.code, error.message))
            self.record.finish(step, StepStatus.SUCCEEDED)
        return Outcome(images=digests(self.kube, self.release.images, self._all()))

    def _require_no_conflict(self) -> None:
        if self.release.conflicts and not self.release.force_conflicts:
            told = "; ".join(
                f"{one['kind']} {one['name']}: {one['manager']} has {', '.join(one['fields'])}"
                for one in self.release.conflicts
            )
            raise Stopped("apply_conflict", f"Others manage fields of it ({told}).")

    def _steps(self) -> list[ReleaseStep]:
        """Made, all at once, by the first worker that has the run."""
        phases = [phase for phase in objects.PHASES if self._of(phase) or self._waited_for(phase)]
        phases += [PRUNE] if self.content["prune"] else []
        with transaction.atomic():
            if not self.release.steps.exists():
                ReleaseStep.objects.bulk_create(
                    ReleaseStep(run=self.release, index=index, phase=phase, hook=phase)
                    for index, phase in enumerate(phases)
                )
        steps = list(self.release.steps.all())
        for step in steps:
            step.run = self.release
        return steps

    def _all(self) -> list[Object]:
        found: list[Object] = self.content["objects"]
        return found

    def _of(self, phase: str) -> list[Object]:
        return [one for one in self._all() if phase_of(one["kind"]) == phase]

    def _waited_for(self, phase: str) -> list[Object]:
        return [
            one for one in self._all() if _WAITS.get(one["kind"], phase_of(one["kind"])) == phase
        ]

    def _run(self, step: ReleaseStep) -> None:
        if step.phase == PRUNE:
            for one in self.content["prune"]:
                self._delete(step, one)
            return
        for one in self._of(step.phase):
            self._check()
            self.touched = True
            self.record.say(step, f"applying {key_of(one)}")
            self._refusals(one, lambda one=one: self._apply(step, one))  # type: ignore[misc]
        if step.phase == "definitions":
            self.kube.forget_kinds()
        self._watch(step)

    def _apply(self, step: ReleaseStep, one: Object) -> None:
        resource = self._resource(one)
        live = self.kube.get(resource, key_of(one).namespace, key_of(one).name)
        recreated = self.content["recreate"] and one["kind"] in objects.WORKLOADS
        mark = self.release.correlation_id.hex
        if objects.annotation(live, objects.RECREATED) == mark:  # an earlier worker did it
            one = objects.annotated(one, objects.RECREATED, mark)
        elif live is not None and (recreated or has_failed(live)):
            self._replace(step, resource, objects.annotated(one, objects.RECREATED, mark))
            return
        try:
            if one["kind"] in REPLACED:
                self._wait_until_gone(resource, one, only_if_ending=True)
            self.kube.apply(resource, one, force=self.release.force_conflicts)
        except Refused as error:
            if error.status != 422 or one["kind"] not in REPLACED:
                raise
            self._replace(step, resource, one)

    def _replace(self, step: ReleaseStep, resource: Resource, one: Object) -> None:
        self.record.say(step, f"replacing {key_of(one)}")
        self._wait_until_gone(resource, one)
        self.kube.apply(resource, one, force=self.release.force_conflicts)

    def _wait_until_gone(
        self, resource: Resource, one: Object, *, only_if_ending: bool = False
    ) -> None:
        """Deletes an object, its pods first; or waits for one that somebody has deleted."""
        key = key_of(one)
        until = time.monotonic() + settings.ROLLOUT_SECONDS
        live = self.kube.get(resource, key.namespace, key.name)
        if live is None or (only_if_ending and not live["metadata"].get("deletionTimestamp")):
            return
        uid = live["metadata"]["uid"]
        self.kube.delete(resource, key.namespace, key.name, uid=uid, foreground=True)
        while live is not None and live["metadata"]["uid"] == uid:
            self._check()
            if time.monotonic() > until:
                raise Stopped("step_timeout", f"{key} is not gone.", [one])
            self.lease.lost.wait(settings.ROLLOUT_POLL_SECONDS)
            # With a patience of its own: by now all of the caller's may have gone by.
            live = self._patiently(lambda: self.kube.get(resource, key.namespace, key.name))

    def _delete(self, step: ReleaseStep, one: Object) -> None:
        self._check()
        self.record.say(step, f"deleting {key_of(one)}")
        self._refusals(one, lambda: self._prune(step, one))

    def _prune(self, step: ReleaseStep, one: Object) -> None:
        """Deletes what is still ours: during a rollout another service may have taken it."""
        key, resource = key_of(one), self.kube.resource(one["apiVersion"], one["kind"])
        live = self.kube.get(resource, key.namespace, key.name) if resource else None
        if resource is None or live is None:
            return
        if objects.annotation(live, OWNER) != objects.annotation(one, OWNER):
            self.record.say(step, f"left alone: {key} is another's by now")
            return
        self.kube.delete(resource, key.namespace, key.name, uid=one["metadata"]["uid"])

    def _watch(self, step: ReleaseStep) -> None:
        rollout = Rollout(self.kube, self._waited_for(step.phase))
        until = time.monotonic() + settings.ROLLOUT_SECONDS
        while True:
            self._check()
            try:
                news = self._patiently(rollout.look)
            except Refused as error:
                raise Stopped(_reason(error), error.message, rollout.outstanding) from None
            for line in news:
                self.record.say(step, line)
            if news:
                self._progress(step.phase, rollout.summary)
            if rollout.failed:
                raise Stopped("unhealthy", rollout.summary, rollout.failed)
            if not rollout.outstanding:
                return
            if time.monotonic() > until:
                raise Stopped("step_timeout", rollout.summary, rollout.outstanding)
            self.lease.lost.wait(settings.ROLLOUT_POLL_SECONDS)

    def _resource(self, one: Object) -> Resource:
        """Waits for a kind that came with this release: it is established before it is listed."""
        until = time.monotonic() + settings.HOST_PATIENCE.total_seconds()
        comes = any(other["kind"] == "CustomResourceDefinition" for other in self._all())
        while (found := self.kube.resource(one["apiVersion"], one["kind"])) is None:
            if not comes or time.monotonic() > until:
                text = f"The cluster serves no {one['kind']} in {one['apiVersion']}."
                raise Stopped("step_failed", text, [one])
            self._check()
            self.lease.lost.wait(settings.ROLLOUT_POLL_SECONDS)
            self.kube.forget_kinds()
        return found

    def _check(self) -> None:
        """Raises LeaseLost, and Stopped once somebody has cancelled the run."""
        self.lease.check()
        rows = Release.objects.filter(pk=self.release.pk)
        if rows.values_list("cancel_requested", flat=True).get():
            raise Stopped("cancelled", "Cancelled: what was applied so far stays as it is.")

    def _refusals(self, one: Object, ask: Callable[[], object]) -> None:
        """`ask`, with the API's no as the end of the run."""
        try:
            self._patiently(ask)
        except Refused as error:
            raise Stopped(_reason(error), f"{key_of(one)}: {error.message}", [one]) from None

    def _patiently(self, ask: Callable[[], R]) -> R:
        """Through a cluster's short silences and slips; every question can be asked twice."""
        until = time.monotonic() + settings.HOST_PATIENCE.total_seconds()
        while True:
            try:
                return ask()
            except ClusterUnreachable as error:
                self._check()
                if time.monotonic() > until:
                    raise Stopped(error.code, error.message) from None
            except Refused as error:
                if not error.may_pass or time.monotonic() > until:
                    raise
                self._check()
            self.lease.lost.wait(1)

    def _progress(self, phase: str, message: str) -> None:
        progress = {"phase": phase, "percent": _PERCENT[phase], "message": f"{phase}: {message}"}
        rows = Release.objects.filter(pk=self.release.pk, fence=self.lease.fence)
        rows.update(progress=self.redactor.json(progress))

    def _broken(self, step: ReleaseStep, stop: Stopped) -> Outcome:
        self.record.say(step, str(stop))
        ended = StepStatus.CANCELLED if stop.reason == "cancelled" else StepStatus.FAILED
        self.record.finish(step, ended, reason_code=stop.reason)
        found: dict[str, Any] = diagnose(
            self.kube,
            stop.about,
            self.steps,
            stop.reason,
            str(stop),
            self.redactor,
            untouched=not self.touched,
        )
        return Outcome(stop.reason, found, restored=not self.touched)


def _reason(error: Refused) -> str:
    if error.is_conflict_of_fields:
        return "apply_conflict"
    # Quotas and admission say 403, too.
    return "cluster_forbidden" if NO_RIGHT.search(error.message) else "step_failed"
