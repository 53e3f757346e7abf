"""Old references in domains' tables become items of the inbox, and the way back.

For the data migrations of the domains, with the models of their time. Each batch is one transaction
of its own: an item, its history and the link in its subject's row commit together. What is linked
is passed over, so an interrupted run goes on, and one that is over changes nothing.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.apps.registry import Apps
from django.db import transaction
from django.db.models import Case, CharField, Exists, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Concat, LPad
from django.utils import timezone

from approvals import legacy, words
from approvals.legacy import OldTicket, Said

BATCH = 1000
_LONGEST_ID = 18  # digits; no more fit into a bigint
_DIGITS = Cast("pk", CharField())
TICKET = Concat(  # of an item, as the inbox writes it
    Value("APR-"),
    Case(When(pk__lt=10**6, then=LPad(_DIGITS, 6, Value("0"))), default=_DIGITS),
)


@dataclass(frozen=True)
class Old:
    """One row with an old reference. `told`: the older system's records of it; `involved`,
    `authors`: ids of users."""

    ticket: OldTicket
    involved: list[int]
    authors: list[int] = field(default_factory=list)
    told: list[Said] = field(default_factory=list)


@dataclass(frozen=True)
class Domain:
    """Rows that may hold old references. `read` answers those of {id: reference}; `events`: actions
    of the timeline that tell of a decision, each with the one it tells of, where its reason doesn't
    know better."""

    subject_type: str
    rows: QuerySet[Any]
    read: Callable[[Mapping[int, str]], list[Old]]
    events: Mapping[str, str]


def take_over(apps: Apps, connection: Any, domain: Domain) -> None:
    inbox = _Inbox(apps, connection.alias, domain)
    last: int | None = 0
    while last is not None:
        with transaction.atomic(using=connection.alias):
            last = inbox.take_batch(last)


def give_back(apps: Apps, connection: Any, subject_type: str, rows: QuerySet[Any]) -> None:
    """Puts the old references back, but into rows that carry another ticket by now, and removes the
    items that have them."""
    model: Any = apps.get_model("approvals", "ApprovalInboxItem")
    made = model.objects.using(connection.alias).filter(subject_type=subject_type)
    made = made.exclude(legacy_reference="").order_by("pk")
    # Its item is one of these: what else a row carries is not an old ticket.
    own = made.annotate(written=TICKET).filter(
        subject_id=OuterRef("pk"), written=OuterRef("approval_ticket")
    )
    while batch := dict(made.values_list("pk", "subject_id")[:BATCH]):
        with transaction.atomic(using=connection.alias):
            linked = rows.filter(Exists(own), pk__in=batch.values())
            linked.update(approval_ticket=Subquery(own.order_by().values("legacy_reference")))
            made.filter(pk__in=batch).delete()


class _Inbox:
    def __init__(self, apps: Apps, alias: str, domain: Domain) -> None:
        self.apps, self.alias, self.domain = apps, alias, domain
        self.item = apps.get_model("approvals", "ApprovalInboxItem")
        self.action = apps.get_model("approvals", "ApprovalInboxAction")
        self.items = self.item.objects.using(alias)
        self.of_domain = self.items.filter(subject_type=domain.subject_type)
        self.actions = self.action.objects.using(alias)
        self.excluded = self.item.excluded.through.objects.using(alias)
        self.events = apps.get_model("core", "TimelineEvent").objects.using(alias)
        self.users = apps.get_model("core", "User").objects.using(alias)
        policies = apps.get_model("approvals", "ApprovalPolicy").objects.using(alias)
        self.policies = {
            (policy.project_id, policy.tier, policy.action): legacy.Terms(
                policy.expires_minutes,
                policy.prevent_self_approval,
                policy.exclude_authors,
                policy.auto_apply,
            )
            for policy in policies.filter(enabled=True)
        }

    def take_batch(self, after: int) -> int | None:
        """Answers the last id that it looked at; None, where there was none."""
        rows = self.domain.rows.exclude(approval_ticket="").filter(pk__gt=after)
        # Locked: whoever moves a row on meanwhile waits, and finds its ticket.
        page = rows.select_for_update().order_by("pk").values_list("pk", "approval_ticket")[:BATCH]
        references = dict(page)
        if not references:
            return None
        linked, known, taken = set(), set(), set()
        items = self.of_domain.filter(subject_id__in=references)
        told = ("pk", "subject_id", "legacy_reference", "content_hash")
        for pk, subject, legacy_reference, content_hash in items.values_list(*told):
            taken.add((subject, content_hash))
            if references[subject] == f"APR-{pk:06d}":
                linked.add(subject)
            elif references[subject] == legacy_reference:
                known.add(subject)
        strays = {pk: text for pk, text in references.items() if pk not in linked}
        if new := {pk: text for pk, text in strays.items() if pk not in known}:
            self._create(self.domain.read(new), taken)
        self._link(strays)
        return int(max(references))

    def _link(self, pks: Collection[int]) -> None:
        same = self.of_domain.filter(
            subject_id=OuterRef("pk"), legacy_reference=OuterRef("approval_ticket")
        )
        rows = self.domain.rows.filter(pk__in=pks)
        rows.update(approval_ticket=Subquery(same.order_by().values_list(TICKET)))

    def _create(self, batch: list[Old], taken: Collection[tuple[int, str]]) -> None:
        now = timezone.now()
        events = self._events({old.ticket.subject_id: old.ticket.status for old in batch})
        items, entries = [], []
        for old in batch:
            said, at = events.get(old.ticket.subject_id, (None, old.ticket.decided_at))
            ticket = replace(old.ticket, decided_at=at)
            history = legacy.history(ticket, old.told, said)
            columns = legacy.item(
                ticket,
                history,
                taken=(ticket.subject_id, ticket.content_hash) in taken,
                terms=self._terms(ticket),
                now=now,
            )
            items.append(self.item(**columns))
            entries += [(items[-1], entry) for entry in history]
        with _as_given(self.item), _as_given(self.action):
            self.items.bulk_create(items)
            self.actions.bulk_create(
                self.action(item_id=item.pk, **vars(entry)) for item, entry in entries
            )
        self._make_found({item.pk: item.title for item in items})
        self._exclude({item.pk: old for item, old in zip(items, batch, strict=True)})

    def _make_found(self, titles: Mapping[int, str]) -> None:
        """Before titles have words, nothing: the migration that makes these looks at all tickets."""
        if "itemword" in self.apps.all_models["approvals"]:
            found = (self.apps.get_model("approvals", name) for name in ("TitleWord", "ItemWord"))
            words.remember(titles, *(model.objects.using(self.alias) for model in found))

    def _events(self, decisions: Mapping[int, str]) -> dict[int, tuple[Said, datetime]]:
        """Of {subject id: decision}, the last event that tells of that decision, and when it was."""
        told = self.events.filter(
            resource_type=self.domain.subject_type,
            resource_id__in=decisions,
            action__in=self.domain.events,
        )
        found = {
            event.resource_id: event
            for event in told.order_by("seq")
            if self._decision(event) == decisions[event.resource_id]
        }
        users = existing(self.users, [event.actor_id for event in found.values()])
        return {
            subject: (_said(event, decisions[subject], users), event.occurred_at)
            for subject, event in found.items()
        }

    def _decision(self, event: Any) -> str | None:
        if event.detail.get("auto"):  # without a ticket
            return None
        known = self.domain.events[event.action]
        return legacy.REASONS.get(str(event.detail.get("reason_code")), known)

    def _terms(self, ticket: OldTicket) -> legacy.Terms:
        """Of the project's own policy, else of the one for all projects."""
        for project in (ticket.project_id, None):
            if terms := self.policies.get((project, ticket.tier, ticket.action)):
                return terms
        return legacy.Terms()

    def _exclude(self, made: Mapping[int, Old]) -> None:
        pending = {pk: old for pk, old in made.items() if old.ticket.status == legacy.PENDING}
        people = {pk for old in pending.values() for pk in (*old.involved, *old.authors)}
        bots = self.users.filter(pk__in=people, owner__isnull=False)
        owners = dict(bots.values_list("pk", "owner_id")) if people else {}
        self.excluded.bulk_create(
            self.excluded.model(approvalinboxitem_id=pk, user_id=user)
            for pk, old in pending.items()
            for user in legacy.excluded(self._terms(old.ticket), old.involved, old.authors, owners)
        )


def existing(users: QuerySet[Any], ids: Collection[Any]) -> set[int]:
    """Those of `ids`, numbers or not, that are of users."""
    numbers = {int(text) for text in map(str, ids) if is_id(text)}
    return set(users.filter(pk__in=numbers).values_list("pk", flat=True)) if numbers else set()


def is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID


def _said(event: Any, decision: str, users: Collection[int]) -> Said:
    comment = str(event.detail.get("comment") or "")
    if event.actor_id in users:
        return Said(decision, comment, event.actor_id)
    return Said(decision, comment, who="" if event.actor == "system" else event.actor)


@contextmanager
def _as_given(model: Any) -> Iterator[None]:
    """Rows keep the time they are given: `auto_now_add` would write the present one."""
    field = model._meta.get_field("created_at")
    field.auto_now_add = False
    try:
        yield
    finally:
        field.auto_now_add = True
