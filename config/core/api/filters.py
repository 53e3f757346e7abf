"""Filters are listed; one that isn't is an error, not silently everything."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from config.core.errors import ValidationFailed

PAGING = frozenset({"limit", "cursor", "format"})


def refuse_unknown(request: Request, known: frozenset[str] | set[str]) -> None:
    unknown = sorted(set(request.query_params) - known - PAGING)
    if unknown:
        raise ValidationFailed(fields={name: ["There is no such filter."] for name in unknown})


class StrictFilterBackend(DjangoFilterBackend):
    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        filterset_class = self.get_filterset_class(view, queryset)
        names = set(filterset_class.get_filters()) if filterset_class else set()
        refuse_unknown(request, names)
        found: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return found
