from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

from config.core.errors import ValidationFailed


class NewestFirst(CursorPagination):
    """`?limit=` (50, at most 200) and an opaque `?cursor=`; `{"results", "next", "previous"}`."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
    ordering = "-pk"

    def paginate_queryset(self, *args: Any, **kwargs: Any) -> list[Any] | None:
        try:
            return super().paginate_queryset(*args, **kwargs)
        except (NotFound, ValueError, OverflowError):
            raise ValidationFailed(fields={"cursor": ["Not a cursor of this list."]}) from None
