"""Who has to agree to what, the tickets that ask them, and what was said on each."""

from approvals.models.inbox import ApprovalInboxAction, ApprovalInboxItem, InboxVerb, ItemStatus
from approvals.models.policies import (
    ApprovalPolicy,
    FreezeWindow,
    PolicyAction,
    Priority,
    Tier,
    known_rules,
    weekly_windows,
)
from approvals.models.words import ItemWord, TitleWord

__all__ = [
    "ApprovalInboxAction",
    "ApprovalInboxItem",
    "ApprovalPolicy",
    "FreezeWindow",
    "InboxVerb",
    "ItemStatus",
    "ItemWord",
    "PolicyAction",
    "Priority",
    "Tier",
    "TitleWord",
    "known_rules",
    "weekly_windows",
]
