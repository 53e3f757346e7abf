"""Factories with types: `make` answers a saved row of the model, and values are declared by
functions that say what they take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db.models import Model
from factory.declarations import LazyAttribute, LazyFunction, SelfAttribute, Sequence
from factory.django import DjangoModelFactory

M = TypeVar("M", bound=Model)


class ModelFactory(DjangoModelFactory[M], Generic[M]):
    class Meta:
        abstract = True

    @classmethod
    def make(cls, **fields: Any) -> M:
        return cls.create(**fields)


def numbered(text: str) -> Any:
    """`text` and a number that no other row of the test run has."""
    return Sequence(lambda number: f"{text}{number}")  # type: ignore[no-untyped-call]


def made(function: Callable[[], Any]) -> Any:
    return LazyFunction(function)  # type: ignore[no-untyped-call]


def of(function: Callable[[Any], Any]) -> Any:
    """From the row's other values."""
    return LazyAttribute(function)  # type: ignore[no-untyped-call]


def same_as(path: str) -> Any:
    return SelfAttribute(path)  # type: ignore[no-untyped-call]
