"""Filters are listed; one that isn't is an error, not silently everything."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from config.core.errors import ValidationFailed

PAGING = frozenset({"limit", "cursor", "format"})


def refuse_unknown(request: Request, known: frozenset[str] | set[str]) -> None:
    unknown = sorted(set(request.query_params) - known - PAGING)
    if unknown:
        text = f"There is no such filter; there are: {', '.join(sorted(known)) or 'none'}."
        raise ValidationFailed(fields={name: [text] for name in unknown})


class StrictFilterBackend(DjangoFilterBackend):
    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        filterset_class = self.get_filterset_class(view, queryset)
        names = set(filterset_class.get_filters()) if filterset_class else set()
        refuse_unknown(request, names)
        found: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return found


class IdFilter(filters.NumberFilter):
    """An id: a whole number that a database column can hold."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=2**63 - 1, **kwargs)


class TimeFilter(filters.IsoDateTimeFilter):
    """A time, between the years 1000 and 9000: every time zone has them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validators=[_representable], **kwargs)


def _representable(value: datetime) -> None:
    if not 1000 <= value.year <= 9000:
        raise ValidationError("Not a time that anything happened at.")
