"""What previews of every domain have in common."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings


def preview_ttl(tier: str) -> timedelta:
    """How long a preview may be applied in an environment of `tier`
    (`SLIPWAY_PREVIEW_TTL_SECONDS`). Raises KeyError for what is no tier."""
    ttl: timedelta = settings.PREVIEW_TTLS[tier]
    return ttl
