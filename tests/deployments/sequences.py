"""Random calls of random callers, and what has to hold after each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any, ClassVar

from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from approvals.models import ApprovalInboxAction, ApprovalInboxItem
from approvals.tasks import expire_due
from config.core.leases import Lease, LeaseLost
from config.core.models import TimelineEvent
from deployments import run
from deployments.models import DeploymentTarget, Release, Service
from deployments.runtimes.base import Outcome
from deployments.tasks import reconcile
from tests.callers import Answer, Api
from tests.deployments.lifecycle_table import EDGES, NO_EDGE
from tests.deployments.recording_runtime import RecordingRuntime, failing
from tests.factories.approvals import PolicyFactory, overdue
from tests.factories.core import ProjectFactory, member
from tests.factories.deployments import RevisionFactory, ServiceFactory, TargetFactory
from tests.factories.environments import EnvironmentFactory

RELEASES = "/deploy/releases"
ROLES = ("engineer", "release_bot", "project_admin", "approver", "approver", "viewer")
NEEDED = {"development": 0, "staging": 2, "production": 1}  # approvals


class Place:
    """Who calls, and the services and targets they call about; made once for all sequences."""

    def __init__(self) -> None:
        project = ProjectFactory.make()
        PolicyFactory.make(
            project=project, tier="staging", action="apply", required_approvals=2, auto_apply=False
        )
        PolicyFactory.make(project=project, tier="staging", action="rollback", required_approvals=2)
        self.callers = [Api(member(project, role)) for role in ROLES]
        self.callers += [Api(member(ProjectFactory.make(), "project_admin")), Api(None)]
        self.targets: list[tuple[Service, DeploymentTarget]] = []
        for tier in NEEDED:
            environment = EnvironmentFactory.make(project=project, tier=tier)
            service = ServiceFactory.make(project=project)
            RevisionFactory.make(service=service)
            self.targets.append((service, TargetFactory.make(environment=environment)))


callers = st.sampled_from(range(len(ROLES) + 2))
which = st.integers(0, 15)
there_are_releases = precondition(lambda self: self.made > 0)


class Sequences(RuleBasedStateMachine):
    place: ClassVar[Place]
    runtime: ClassVar[RecordingRuntime]

    def __init__(self) -> None:
        super().__init__()
        self.made = 0
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.runtime.running.clear()
        self.runtime.applied.clear()

    def teardown(self) -> None:
        """Whatever still runs is taken over, and every target is free then."""
        try:
            self.runtime.during = lambda *_: Outcome()
            for pk in Release.objects.filter(status="applying").values_list("pk", flat=True):
                run.run(pk)
            assert not DeploymentTarget.objects.filter(active_release__isnull=False).exists()
            self.only_listed_edges_each_with_its_event()
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    # --- what anybody may try

    @rule(caller=callers, where=st.integers(0, 2), tag=st.sampled_from("ab"))
    def preview(self, caller: int, where: int, tag: str) -> None:
        service, target = self.place.targets[where]
        body = {"service_id": service.pk, "target_id": target.pk, "variables": {"TAG": tag}}
        answer = self.post(caller, f"{RELEASES}/preview", body)
        self.made += answer.status == 201

    @there_are_releases
    @rule(caller=callers, number=which)
    def apply(self, caller: int, number: int) -> None:
        release = self.pick(number, "preview", "approved")
        self.post(caller, f"{RELEASES}/apply", {"preview_ref": release.preview_ref})

    @there_are_releases
    @rule(caller=callers, number=which)
    def cancel(self, caller: int, number: int) -> None:
        release = self.pick(number, "pending_approval", "approved", "applying")
        self.post(caller, f"{RELEASES}/{release.pk}/cancel", {})

    @there_are_releases
    @rule(caller=callers, number=which, dry_run=st.booleans())
    def rollback(self, caller: int, number: int, dry_run: bool) -> None:  # noqa: FBT001 - drawn
        release = self.pick(number, "applied", "failed")
        body = {"reason": "x", "dry_run": dry_run}
        self.post(caller, f"{RELEASES}/{release.pk}/rollback", body)

    @there_are_releases
    @rule(
        caller=callers,
        number=which,
        verb=st.sampled_from(("approve", "approve", "approve", "reject", "cancel", "claim")),
    )
    def decide(self, caller: int, number: int, verb: str) -> None:
        release = self.pick(number, "pending_approval")
        if release.approval_ticket:
            body = {} if verb == "claim" else {"comment": "x"}
            self.post(caller, f"/approvals/inbox/{release.approval_ticket}/{verb}", body)

    # --- what happens by itself

    @there_are_releases
    @rule(
        number=which,
        ending=st.sampled_from(("", "", "", "fails", "stops", "dies", "breaks", "crowded")),
    )
    def work(self, number: int, ending: str) -> None:
        release = self.pick(number, "approved", "applying")
        self.runtime.during = self.endings()[ending]
        run.run(release.pk)

    def endings(self) -> dict[str, Callable[[Release, Lease], Outcome]]:
        def locked(release: Release) -> None:
            assert DeploymentTarget.objects.get(pk=release.target_id).active_release == release

        def fine(release: Release, _lease: Lease) -> Outcome:
            locked(release)
            return Outcome()

        def stops(release: Release, _lease: Lease) -> Outcome:
            self.post(0, f"{RELEASES}/{release.pk}/cancel", {})
            release.refresh_from_db()
            return Outcome("cancelled") if release.cancel_requested else Outcome()

        def dies(_release: Release, _lease: Lease) -> Outcome:
            raise LeaseLost

        def breaks(_release: Release, _lease: Lease) -> Outcome:
            raise RuntimeError("a bug")

        def crowded(release: Release, _lease: Lease) -> Outcome:
            """Every other worker comes for this target, and for this release."""
            waiting = Release.objects.filter(target=release.target, status="approved")
            for pk in [release.pk, *waiting.values_list("pk", flat=True)]:
                run.run(pk)
            locked(release)
            assert self.runtime.applied[-1] == release.pk
            return Outcome()

        return {
            "": fine,
            "fails": failing(),
            "stops": stops,
            "dies": dies,
            "breaks": breaks,
            "crowded": crowded,
        }

    @there_are_releases
    @rule(number=which)
    def ticket_expires(self, number: int) -> None:
        release = self.pick(number, "pending_approval")
        for item in ApprovalInboxItem.objects.filter(subject_id=release.pk, status="pending"):
            overdue(item)
        expire_due()

    @there_are_releases
    @rule(number=which)
    def preview_expires(self, number: int) -> None:
        release = self.pick(number, "preview")
        past = timezone.now() - timedelta(seconds=1)
        Release.objects.filter(pk=release.pk).update(preview_expires_at=past)
        reconcile()

    # --- what holds all the time

    @invariant()
    def only_listed_edges_each_with_its_event(self) -> None:
        walked = defaultdict[int, list[tuple[str, str]]](list)
        events = TimelineEvent.objects.filter(resource_type="release").order_by("seq")
        for pk, action, status in events.values_list("resource_id", "action", "status"):
            if action not in NO_EDGE:
                walked[pk].append((action, status))
        stored = dict(Release.objects.values_list("pk", "status"))
        assert set(walked) == set(stored)
        for pk, told in walked.items():
            assert told[0] == ("release.previewed", "preview")
            for (_, before), (action, after) in pairwise(told):
                assert (before, after, action) in EDGES
            assert told[-1][1] == stored[pk]
            assert [action for action, _ in told].count("release.applying") <= 1

    @invariant()
    def nothing_goes_on_without_its_approvals(self) -> None:
        begun = Release.objects.exclude(status__in=("preview", "pending_approval"))
        for release in begun.select_related("environment"):
            needed = NEEDED[release.environment.tier]
            cancelled = release.status == "failed" and not release.started_at
            if not needed or cancelled:
                continue
            item = ApprovalInboxItem.objects.get(subject_id=release.pk)
            assert (item.status, item.content_hash) == ("approved", release.context_hash)
            votes = ApprovalInboxAction.objects.filter(item=item, verb="approved")
            voters = set(votes.values_list("actor_id", flat=True))
            assert len(voters) == needed
            assert not voters & {release.previewed_by_id, release.requested_by_id}

    @invariant()
    def a_target_is_held_by_what_runs_on_it(self) -> None:
        running = dict(Release.objects.filter(status="applying").values_list("target_id", "pk"))
        assert len(running) == Release.objects.filter(status="applying").count()
        for pk, held_by in DeploymentTarget.objects.values_list("pk", "active_release_id"):
            assert held_by == running.get(pk)

    # ---

    def post(self, caller: int, path: str, body: dict[str, Any]) -> Answer:
        answer = self.place.callers[caller].post(path, body)
        assert answer.status < 500
        if answer.status >= 400:
            answer.refused(answer.status, answer.code)
        return answer

    def pick(self, number: int, *states: str) -> Release:
        """Mostly one of those in `states`, if there are any, else any."""
        rows = Release.objects.select_related("target").order_by("pk")
        fitting = list(rows.filter(status__in=states)) if number % 4 else []
        found = fitting or list(rows)
        return found[number % len(found)]
