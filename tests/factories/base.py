"""Factories whose results have types: `make` answers a saved row of the model."""

from __future__ import annotations

from typing import Any, Generic, TypeVar, cast

from django.db.models import Model
from factory.django import DjangoModelFactory

M = TypeVar("M", bound=Model)


class ModelFactory(DjangoModelFactory[M], Generic[M]):
    class Meta:
        abstract = True

    @classmethod
    def make(cls, **fields: Any) -> M:
        return cast(M, cls.create(**fields))
