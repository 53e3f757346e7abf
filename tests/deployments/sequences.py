"""Random calls of random callers, and what has to hold after each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from approvals.models import ApprovalInboxAction, ApprovalInboxItem
from approvals.tasks import keep_time
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
from tests.factories.deployments import (
    ReleaseFactory,
    RevisionFactory,
    ServiceFactory,
    TargetFactory,
)
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
            revision = RevisionFactory.make(service=service)
            target = TargetFactory.make(environment=environment)
            self.targets.append((service, target))
            ReleaseFactory.make(  # to go back to
                status="applied", service=service, target=target, revision=revision
            )
        self.newest = Release.objects.latest("pk").pk


MAY_RELEASE, MAY_APPROVE = (0, 1, 2), (3, 4, 2)  # of Place.callers
callers = st.sampled_from(range(len(ROLES) + 2))
which = st.integers(0, 63)
endings = st.sampled_from(("", "", "", "fails", "stops", "dies", "breaks", "crowded"))


class Sequences(RuleBasedStateMachine):
    """`go_on` is what leads somewhere; the other rules get in its way."""

    place: ClassVar[Place]
    runtime: ClassVar[RecordingRuntime]

    def __init__(self) -> None:
        super().__init__()
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

    @initialize()
    def something_to_begin_with(self) -> None:
        for where in range(len(self.place.targets)):
            self.preview(MAY_RELEASE[where], where, "a").ok(201)

    @rule(number=which, by=st.integers(0, 2), ending=endings)
    def go_on(self, number: int, by: int, ending: str) -> None:
        """The next call on a release's way, by somebody who may as a rule."""
        release = self.pick(number)
        able = MAY_RELEASE[by]
        match release.status:
            case "preview":
                self.call("apply", able, release)
            case "pending_approval":
                self.call("approve", MAY_APPROVE[by], release)
            case "approved" if release.start_after is None:
                self.call("apply", able, release)
            case "approved" | "applying":
                self.work(release, ending)
            case "applied" | "failed" if number % 2:
                self.call("rollback", able, release)
            case _:
                where = [target for _, target in self.place.targets].index(release.target)
                self.preview(able, where, "ab"[by % 2])

    @rule(
        number=which,
        caller=callers,
        verb=st.sampled_from(
            ("apply", "cancel", "rollback", "try", "approve", "reject", "withdraw", "claim")
        ),
    )
    def somebody_tries(self, number: int, caller: int, verb: str) -> None:
        self.call(verb, caller, self.pick(number))

    @rule(number=which, what=st.sampled_from(("ticket", "preview", "message")), ending=endings)
    def something_happens(self, number: int, what: str, ending: str) -> None:
        release = self.pick(number)
        if what == "ticket":
            for item in ApprovalInboxItem.objects.filter(subject_id=release.pk, status="pending"):
                overdue(item)
            keep_time()
        elif what == "preview":
            past = timezone.now() - timedelta(seconds=1)
            Release.objects.filter(pk=release.pk).update(preview_expires_at=past)
            reconcile()
        else:
            self.work(release, ending)

    def preview(self, caller: int, where: int, tag: str) -> Answer:
        service, target = self.place.targets[where]
        body = {"service_id": service.pk, "target_id": target.pk, "variables": {"TAG": tag}}
        return self.post(caller, f"{RELEASES}/preview", body)

    def call(self, verb: str, caller: int, release: Release) -> None:
        own = f"{RELEASES}/{release.pk}"
        ticket = f"/approvals/inbox/{release.approval_ticket or 'APR-999999'}"
        calls: dict[str, tuple[str, dict[str, Any]]] = {
            "apply": (f"{RELEASES}/apply", {"preview_ref": release.preview_ref}),
            "cancel": (f"{own}/cancel", {}),
            "rollback": (f"{own}/rollback", {"reason": "x"}),
            "try": (f"{own}/rollback", {"reason": "x", "dry_run": True}),
            "approve": (f"{ticket}/approve", {}),
            "reject": (f"{ticket}/reject", {"comment": "x"}),
            "withdraw": (f"{ticket}/cancel", {}),
            "claim": (f"{ticket}/claim", {}),
        }
        self.post(caller, *calls[verb])

    def work(self, release: Release, ending: str) -> None:
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

    # --- what holds all the time

    @invariant()
    def only_listed_edges_each_with_its_event(self) -> None:
        walked = defaultdict[int, list[tuple[str, str]]](list)
        events = TimelineEvent.objects.filter(resource_type="release").order_by("seq")
        for pk, action, status in events.values_list("resource_id", "action", "status"):
            if action not in NO_EDGE:
                walked[pk].append((action, status))
        stored = dict(self.releases().values_list("pk", "status"))
        assert set(walked) == set(stored)
        for pk, told in walked.items():
            assert told[0] == ("release.previewed", "preview")
            for (_, before), (action, after) in pairwise(told):
                assert (before, after, action) in EDGES
            assert told[-1][1] == stored[pk]
            assert [action for action, _ in told].count("release.applying") <= 1

    @invariant()
    def nothing_goes_on_without_its_approvals(self) -> None:
        begun = self.releases().exclude(status__in=("preview", "pending_approval"))
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

    def post(self, caller: int, path: str, body: dict[str, Any]) -> Answer:
        answer = self.place.callers[caller].post(path, body)
        assert answer.status < 500
        if answer.status >= 400:
            answer.refused(answer.status, answer.code)
        return answer

    def releases(self) -> QuerySet[Release]:
        return Release.objects.filter(pk__gt=self.place.newest)

    def pick(self, number: int) -> Release:
        """The newest is 0: what was begun last is mostly gone on with."""
        rows = list(self.releases().select_related("target").order_by("-pk"))
        return rows[number % len(rows)]
