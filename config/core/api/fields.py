"""Serializer fields that know what the caller may see."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework import serializers

from config.core.permissions import visible_to


class VisibleField(serializers.PrimaryKeyRelatedField[Any]):
    """A relation by id; a row that the caller may not read is as if it did not exist."""

    def __init__(self, *, permission: str = "", **kwargs: Any) -> None:
        self.permission = permission
        super().__init__(**kwargs)

    def get_queryset(self) -> QuerySet[Model]:
        rows = super().get_queryset()
        assert rows is not None, "writable relations name their rows"  # noqa: S101 - a programmer's error
        return visible_to(rows, self.context["request"].user, self.permission)
