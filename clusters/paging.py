"""Pages of what is no table: a list in the order of its items' keys."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlencode

from rest_framework.request import Request

from config.core.api.filters import refuse_unknown
from config.core.api.pagination import NewestFirst
from config.core.errors import ValidationFailed

_LONGEST: Final = 1000


class Keyed(Protocol):
    @property
    def key(self) -> str:
        """Sorts the list; no other item's."""


K = TypeVar("K", bound=Keyed)


def page_of(
    request: Request, items: Sequence[K], filters: frozenset[str] = frozenset()
) -> tuple[list[K], dict[str, Any]]:
    """The items after `?cursor=`, `?limit=` of them, and the `next` and `previous` of the answer.
    An item that came or went meanwhile moves no other to another page. There is no way back."""
    refuse_unknown(request, filters)
    limit = NewestFirst().get_page_size(request) or NewestFirst.page_size
    after = _opened(request.query_params.get("cursor", ""))
    left = [item for item in items if item.key > after]
    shown = left[:limit]
    following = None
    if len(left) > limit:
        query = request.query_params.dict() | {"cursor": _sealed(shown[-1].key)}
        following = f"{request.build_absolute_uri(request.path)}?{urlencode(query)}"
    return shown, {"next": following, "previous": None}


def _sealed(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _opened(cursor: str) -> str:
    try:
        if len(cursor) > _LONGEST:
            raise ValueError
        return base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise ValidationFailed(fields={"cursor": ["Not a cursor of this list."]}) from None
