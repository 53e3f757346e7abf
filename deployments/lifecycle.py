"""The seven states of a release, and every edge between them (contract, "Releases")."""

from __future__ import annotations

from typing import Final

from config.core.lifecycle import Lifecycle

PREVIEW: Final = "preview"
PENDING_APPROVAL: Final = "pending_approval"
APPROVED: Final = "approved"
APPLYING: Final = "applying"
APPLIED: Final = "applied"
FAILED: Final = "failed"
ROLLBACK: Final = "rollback"
STATES: Final = (PREVIEW, PENDING_APPROVAL, APPROVED, APPLYING, APPLIED, FAILED, ROLLBACK)

# Words of the older system's rows, and what they are now.
HISTORICAL: Final = {
    "succeeded": APPLIED,
    "success": APPLIED,
    "rolled_back": ROLLBACK,
    "deploying": APPLYING,
    "executing": APPLYING,
    "rejected": FAILED,
    "cancelled": FAILED,
    "error": FAILED,
    "draft": PREVIEW,
    "pending": PENDING_APPROVAL,
}


def canonical(status: str) -> str:
    """The state that a stored word stands for; an unknown word is a failure, not an error."""
    return status if status in STATES else HISTORICAL.get(status, FAILED)


def words_for(state: str) -> list[str]:
    """Every stored word that means `state`, for filters."""
    return [state, *(word for word, meaning in HISTORICAL.items() if meaning == state)]


# `release.previewed` tells of the first state: a row begins there.
RELEASE: Final = Lifecycle(
    {
        (PREVIEW, PENDING_APPROVAL): {"release.pending_approval"},
        (PREVIEW, APPROVED): {"release.approved"},
        (PENDING_APPROVAL, APPROVED): {"release.approved"},
        (PENDING_APPROVAL, FAILED): {"release.rejected", "release.failed", "release.cancelled"},
        (APPROVED, APPLYING): {"release.applying"},
        (APPROVED, FAILED): {"release.cancelled"},
        (APPLYING, APPLIED): {"release.applied"},
        (APPLYING, FAILED): {"release.failed", "release.cancelled"},
        (APPLIED, ROLLBACK): {"release.rollback_completed"},
        (FAILED, ROLLBACK): {"release.rollback_completed"},
    },
    meaning=canonical,
)
