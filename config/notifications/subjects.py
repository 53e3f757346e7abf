"""How notifications speak of what events are about, without knowing it.

Each domain registers a description per resource type when it starts (`AppConfig.ready`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.core.exceptions import ObjectDoesNotExist

from config.core.models import TimelineEvent
from config.core.risk import Risk

LONGEST: Final = 500  # characters of what people wrote


@dataclass(frozen=True)
class Summary:
    """What a message says of an event. Secrets are masked before they come here.

    `lines`: sentences or `Name: value`, in order. `link`: a path of the SPA. `counts`: how many of
    what the change creates, updates, deletes, leaves.
    """

    title: str
    lines: list[str] = field(default_factory=list)
    link: str = "/"
    risk: Risk | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


Description = Callable[[TimelineEvent], Summary]
_descriptions: Final[dict[str, Description]] = {}


def register(resource_type: str, describe: Description) -> None:
    _descriptions[resource_type] = describe


def describe(event: TimelineEvent) -> Summary:
    """Of what nobody registered, or what is gone: what the event itself says."""
    described_by = _descriptions.get(event.resource_type, generic)
    try:
        return described_by(event)
    except ObjectDoesNotExist:
        return generic(event)


def generic(event: TimelineEvent) -> Summary:
    """No more than the event says of itself."""
    what = event.action.replace(".", " ").replace("_", " ")
    lines = [f"Status: {event.status}"] if event.status else []
    return Summary(f"{what.capitalize()}: {event.resource_type} {event.resource_id}", lines)


def said(text: str) -> str:
    """What somebody wrote, cut to what a message has room for."""
    text = text.strip()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
