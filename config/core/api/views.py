"""What endpoints have in common: rows scoped to the caller, strict inputs, safe repeats."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, ModelSerializer, Serializer
from rest_framework.viewsets import GenericViewSet

from config.core.api.authentication import actor_of
from config.core.api.idempotency import Idempotent
from config.core.permissions import fetch, listed_to
from config.core.timeline import Actor

M = TypeVar("M", bound=Model)


class _Strict(BaseSerializer[Any]):
    """A field that isn't declared is an error."""

    fields: Any

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                raise ValidationError({name: ["There is no such field."] for name in unknown})
        return super().to_internal_value(data)


class StrictSerializer(_Strict, Serializer[Any]):
    """Shape only, and nothing else."""


class StrictModelSerializer(_Strict, ModelSerializer[M]):
    """The same, of a model."""


class ScopedViewSet(Idempotent, GenericViewSet[Any]):
    """`queryset` narrowed to what the caller has `read_permission` on: lists and single rows."""

    read_permission: ClassVar[str]
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[Any]:
        return listed_to(super().get_queryset(), self.request.user, self.read_permission)

    def get_object(self) -> Any:
        return fetch(
            super().get_queryset(), self.request.user, self.read_permission, pk=self.kwargs["pk"]
        )

    @property
    def actor(self) -> Actor:
        return actor_of(self.request)

    def valid(self, serializer_class: type[BaseSerializer[Any]], **kwargs: Any) -> dict[str, Any]:
        """The request's body, checked by `serializer_class`. Raises DRF's ValidationError."""
        serializer = serializer_class(
            data=self.request.data, context=self.get_serializer_context(), **kwargs
        )
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def answer(self, row: Model | Any, status: int = 200) -> Response:
        return Response(self.get_serializer(row).data, status=status)


class ListMixin(GenericAPIView[Any]):
    """`GET` on the collection: filtered, a page at a time."""

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
