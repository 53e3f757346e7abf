"""Celery shells: each calls one function with a row's id."""

from __future__ import annotations

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from config.core.jobs import publish
from config.core.leases import unheld
from deployments import automatic, run, waiting
from deployments.lifecycle import APPLYING, APPROVED
from deployments.models import Release


@shared_task
def run_release(release_id: int) -> None:
    """Whoever comes next on the target is told at once; a rollback that this run made goes first,
    and its own end is the next one's turn."""
    ended = run.run(release_id)
    following = automatic.roll_back(release_id)
    if following is None and ended:
        following = waiting.next_after(release_id)
    if following is not None:
        publish(run_release, following)


@shared_task
def roll_back(release_id: int) -> None:
    made = automatic.roll_back(release_id)
    if made is not None:
        publish(run_release, made)


@shared_task
def reconcile() -> None:
    """Repeats the hint for releases that are due, for those that lost their worker, and for
    rollbacks that nobody has made yet; cancels what waits for something else than was approved."""
    due = Q(status=APPROVED, start_after__lte=timezone.now()) | Q(status=APPLYING)
    rows = Release.objects.filter(due & unheld()).order_by("start_after", "pk")
    for pk in rows.values_list("pk", flat=True):
        publish(run_release, pk)
    for pk in Release.objects.filter(rollback_due=True).values_list("pk", flat=True):
        publish(roll_back, pk)
    waiting.cancel_changed()
