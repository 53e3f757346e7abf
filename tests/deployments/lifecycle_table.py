"""The contract's rules of releases ("Releases", "Approvals", "Permissions"), written down once
more: what each call answers in each state to each caller, and which edge it walks.

Nothing here looks at the code that is tested.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# "failed" ran; what failed before it ran can't be rolled back.
UNRUN = "failed before it ran"
STATES = (
    "preview", "pending_approval", "approved", "applying", "applied", "failed", UNRUN, "rollback",
)  # fmt: skip
WITH_TICKET = tuple(state for state in STATES if state != "preview")

READERS = (
    "viewer", "engineer", "approver", "release_bot", "project_admin", "break_glass", "admin",
    "requester",
)  # fmt: skip
RELEASE = ("engineer", "release_bot", "project_admin", "admin", "requester")
REVIEW = ("approver", "project_admin", "admin", "requester")
EMERGENCY = ("break_glass", "admin")
REQUESTER = ("requester",)  # a project admin, who previewed and asked
CALLERS = ("anonymous", "inactive", "none", *READERS)

EDGES = {
    ("preview", "pending_approval", "release.pending_approval"),
    ("preview", "approved", "release.approved"),
    ("pending_approval", "approved", "release.approved"),
    ("pending_approval", "failed", "release.rejected"),
    ("pending_approval", "failed", "release.failed"),
    ("pending_approval", "failed", "release.cancelled"),
    ("approved", "applying", "release.applying"),
    ("approved", "failed", "release.cancelled"),
    ("applying", "applied", "release.applied"),
    ("applying", "failed", "release.failed"),
    ("applying", "failed", "release.cancelled"),
    ("applied", "rollback", "release.rollback_completed"),
    ("failed", "rollback", "release.rollback_completed"),
}
# Tell of a rollback that was asked for, or failed: the release stays where it is.
NO_EDGE = ("release.rollback_requested", "release.rollback_failed")

Refusal = tuple[int, str]
SEES_NOTHING: Refusal = (404, "not_found")
MAY_NOT: Refusal = (403, "permission_denied")
NOBODY: Refusal = (401, "not_authenticated")
SELF_REVIEW: Refusal = (403, "approval_self_review")


@dataclass(frozen=True)
class Outcome:
    """`after`: the release's state, where it changes; `told`: its `release.*` events, in order;
    `others`: those of releases that come of it."""

    status: int = 200
    code: str = ""
    after: str = ""
    told: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Event:
    """One call. `outcomes`: of those who may, by state; `otherwise`: in all other states."""

    may: tuple[str, ...]
    otherwise: Outcome
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    hidden: Refusal = SEES_NOTHING
    on_ticket: bool = False
    reviews: bool = False  # the requester is refused, whatever the state
    states: tuple[str, ...] = STATES  # those in which it is another event than a plainer one

    def expected(self, state: str, caller: str) -> Outcome:
        if caller in ("anonymous", "inactive"):
            return Outcome(*NOBODY)
        if self.on_ticket and state not in WITH_TICKET:
            return Outcome(*SEES_NOTHING)
        if caller not in READERS:
            return Outcome(*self.hidden)
        if caller not in self.may:
            return Outcome(*MAY_NOT)
        if self.reviews and caller in REQUESTER:
            return Outcome(*SELF_REVIEW)
        return self.outcomes.get(state, self.otherwise)


WRONG = Outcome(409, "invalid_transition")
DECIDED = Outcome(409, "approval_already_decided")
VOID = Outcome(409, "preview_mismatch", after=UNRUN, told=("release.cancelled",))
PREVIEWED = Outcome(201, others=("release.previewed",))
CANCELLED = Outcome(202, after=UNRUN, told=("release.cancelled",))
ASKED_BACK = Outcome(
    202,
    told=("release.rollback_requested",),
    others=("release.previewed", "release.pending_approval"),
)


def applied_again(first: Outcome, states: tuple[str, ...] = STATES) -> Event:
    """The same call again answers the same release, and does nothing again."""
    unseen = (400, "preview_required")
    return Event(RELEASE, Outcome(), {"preview": first}, hidden=unseen, states=states)


def decision(outcome: Outcome, states: tuple[str, ...] = STATES) -> Event:
    outcomes = {"pending_approval": outcome}
    return Event(REVIEW, DECIDED, outcomes, on_ticket=True, reviews=True, states=states)


def on_ticket(may: tuple[str, ...], pending: Outcome, otherwise: Outcome = DECIDED) -> Event:
    return Event(may, otherwise, {"pending_approval": pending}, on_ticket=True)


CALLS = {
    "preview": Event(RELEASE, PREVIEWED, hidden=(400, "validation_error")),
    "apply": applied_again(
        Outcome(202, after="pending_approval", told=("release.pending_approval",))
    ),
    "apply where nobody is asked": applied_again(
        Outcome(202, after="approved", told=("release.approved",))
    ),
    "apply too late": applied_again(Outcome(409, "preview_expired"), ("preview", "approved")),
    "apply on a target that moved": applied_again(Outcome(409, "preview_mismatch"), ("preview",)),
    "apply where another service was released": applied_again(
        Outcome(202, after="pending_approval", told=("release.pending_approval",)), ("preview",)
    ),
    "apply on a target that is taken": applied_again(Outcome(409, "release_locked"), ("preview",)),
    "cancel": Event(
        RELEASE,
        WRONG,
        {"pending_approval": CANCELLED, "approved": CANCELLED, "applying": Outcome(202)},
    ),
    "dry run of a rollback": Event(RELEASE, WRONG, {"applied": PREVIEWED, "failed": PREVIEWED}),
    "rollback": Event(RELEASE, WRONG, {"applied": ASKED_BACK, "failed": ASKED_BACK}),
    "approve": decision(Outcome(after="approved", told=("release.approved",))),
    "approve too late": decision(
        Outcome(409, "approval_ticket_expired", after=UNRUN, told=("release.failed",)),
        ("pending_approval", "approved"),
    ),
    "approve on a target that moved": decision(VOID, ("pending_approval", "approved")),
    "approve where another service was released": decision(
        Outcome(after="approved", told=("release.approved",)), ("pending_approval", "approved")
    ),
    "approve what was tampered with": decision(VOID, ("pending_approval", "approved")),
    "break the glass": Event(
        EMERGENCY,
        DECIDED,
        {"pending_approval": Outcome(after="approved", told=("release.approved",))},
        on_ticket=True,
    ),
    "reject": decision(Outcome(after=UNRUN, told=("release.rejected",))),
    "withdraw": on_ticket(REQUESTER, Outcome(after=UNRUN, told=("release.cancelled",))),
    "claim": Event(REVIEW, DECIDED, {"pending_approval": Outcome()}, on_ticket=True, reviews=True),
    "comment": on_ticket(READERS, Outcome(), Outcome()),
}

RUNS = ("release.applying", "release.applied")
FAILS = ("release.applying", "release.failed")
STOPS = ("release.applying", "release.cancelled")
TAKEN_OVER = Outcome(after="applied", told=RUNS[1:])
UNDONE = Outcome(after="rollback", told=("release.rollback_completed",), others=RUNS)
NOT_UNDONE = Outcome(told=("release.rollback_failed",), others=FAILS)
# What happens without a caller: {event: {state: outcome}}, and nothing in all other states.
HAPPENS = {
    "a worker runs it": {
        "approved": Outcome(after="applied", told=RUNS),
        "applying": TAKEN_OVER,
    },
    "a worker runs it, and it fails": {
        "approved": Outcome(after="failed", told=FAILS),
        "applying": Outcome(after="failed", told=FAILS[1:]),
    },
    "a worker runs it, and is told to stop": {
        "approved": Outcome(after="failed", told=STOPS),
        "applying": Outcome(after="failed", told=STOPS[1:]),
    },
    "a worker runs it, on a target that moved": {
        "approved": Outcome(after="failed", told=FAILS),
        "applying": Outcome(after="failed", told=FAILS[1:]),
    },
    "a worker runs it, where another service was released": {
        "approved": Outcome(after="applied", told=RUNS),
        "applying": TAKEN_OVER,
    },
    # What is applying holds its target, and its time has come.
    "a worker runs it, on a target that is taken": {"applying": TAKEN_OVER},
    "a worker runs it before its time": {"applying": TAKEN_OVER},
    "its ticket expires": {
        "pending_approval": Outcome(after=UNRUN, told=("release.failed",)),
    },
    "its target moves while it waits": {
        "pending_approval": Outcome(after=UNRUN, told=("release.cancelled",)),
        "approved": Outcome(after=UNRUN, told=("release.cancelled",)),
    },
    "another service is released while it waits": {},
    "its preview expires": {},
    "the reconciler looks": {},
}
# The same of a release that a rollback was asked for.
UNDOES = {
    "it was rolled back": {"applied": UNDONE, "failed": UNDONE},
    "its rollback failed": {"applied": NOT_UNDONE, "failed": NOT_UNDONE},
}
