from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """`?limit=` (50, at most 200) and an opaque `?cursor=`; `{"results", "next", "previous"}`."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
    ordering = "-pk"
