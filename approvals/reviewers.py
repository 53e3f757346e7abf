"""Who could decide: how many distinct people a policy or a ticket finds. A bot's vote is that of
the person who answers for it."""

from __future__ import annotations

from django.db.models import QuerySet

from approvals.models import ApprovalInboxItem, InboxVerb, ItemStatus
from config.core.holders import grants_on, holders
from config.core.models import Project, RoleGrant, User


def people(users: QuerySet[User]) -> set[int]:
    """Ids of the people behind users and bots."""
    return {owner or pk for pk, owner in users.values_list("pk", "owner_id")}


def reviewers_in(project: Project) -> set[int]:
    """The people who may decide somewhere in the project."""
    return people(holders("approval_review", RoleGrant.objects.filter(project=project)))


def most_reviewers() -> int:
    """In the project that has the most of them; without a project, the platform admins."""
    projects = Project.objects.filter(grants__isnull=False).distinct()
    counts = [len(reviewers_in(project)) for project in projects]
    return max(counts, default=len(people(holders("approval_review", RoleGrant.objects.none()))))


def can_still_vote(item: ApprovalInboxItem) -> set[int]:
    """The people who may decide the ticket, have no part in it, and have not voted."""
    voted = User.objects.filter(
        pk__in=item.actions.filter(verb=InboxVerb.APPROVE).order_by().values("actor")
    )
    may = people(holders("approval_review", grants_on(item)))
    return may - people(voted) - set(item.excluded.values_list("pk", flat=True))


def stranded(item: ApprovalInboxItem) -> dict[str, int] | None:
    """Of a pending ticket that nobody can bring to an end: {`missing`: votes that it needs,
    `eligible`: people who could give one}. None, where enough people could."""
    if item.status != ItemStatus.PENDING:
        return None
    missing = item.required_approvals - item.approvals_count
    eligible = len(can_still_vote(item))
    return {"missing": missing, "eligible": eligible} if eligible < missing else None
