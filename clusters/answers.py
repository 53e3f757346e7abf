"""What an API answers, held to what a Kubernetes API can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from clusters.kube.transport import Refused
from config.core.errors import ClusterUnreachable

_LONGEST: Final = 500  # characters of what others say


@contextmanager
def understood() -> Iterator[None]:
    """Raises ClusterUnreachable where the API fails, and where what answers has another shape than
    a Kubernetes API's objects."""
    try:
        yield
    except Refused as error:
        raise ClusterUnreachable(f"The cluster answers: {plain(error.message)}") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ClusterUnreachable("What answers there is not a Kubernetes API.") from error


def plain(text: str, longest: int = _LONGEST) -> str:
    """Fit for a message and for a column, whoever wrote it."""
    return "".join(character for character in text[:longest] if character.isprintable())
