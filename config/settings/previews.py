"""How long previews may be applied, from one line of text."""

from datetime import timedelta
from typing import Final

from django.core.exceptions import ImproperlyConfigured

NAME: Final = "SLIPWAY_PREVIEW_TTL_SECONDS"
TIERS: Final = ("development", "staging", "production")
LONGEST: Final = 7 * 24 * 3600  # what was previewed longer ago nobody remembers


def preview_ttls(text: str) -> dict[str, timedelta]:
    """{tier: how long}, of `1800` for all tiers, or `1800,production=900`: the first part is for
    the tiers that are not named. Raises ImproperlyConfigured, saying which part is wrong."""
    first, *others = (part.strip() for part in text.split(","))
    ttls = dict.fromkeys(TIERS, _seconds(first))
    named = set()
    for part in others:
        tier, _, number = (half.strip() for half in part.partition("="))
        if tier not in TIERS or tier in named:
            raise ImproperlyConfigured(
                f"{NAME}: {part!r} should be TIER=SECONDS, each tier once; "
                f"tiers are {', '.join(TIERS)}."
            )
        named.add(tier)
        ttls[tier] = _seconds(number)
    return ttls


def _seconds(text: str) -> timedelta:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LONGEST:
        raise ImproperlyConfigured(
            f"{NAME}: {text!r} should be a whole number of seconds, from 1 to {LONGEST}."
        )
    return timedelta(seconds=int(text))
