"""Policies and freezes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals import freezes, policies, selectors
from approvals.governance_serializers import (
    EffectiveQuery,
    EffectiveSerializer,
    FreezeSerializer,
    PolicySerializer,
)
from approvals.models import ApprovalPolicy, FreezeWindow
from config.core.api.filters import refuse_unknown
from config.core.api.views import ListMixin, ScopedViewSet


class GovernanceViewSet(ListMixin, ScopedViewSet):
    """Those for all projects are read by everyone, and changed by platform admins."""

    read_permission = "approval_read"
    save: ClassVar[Callable[..., Any]]
    remove: ClassVar[Callable[..., None]]

    def get_queryset(self) -> QuerySet[Any]:
        own = super().get_queryset().order_by()
        rows: QuerySet[Any] = own.model._default_manager.all()
        return rows.filter(Q(project__isnull=True) | Q(pk__in=own.values("pk")))

    def create(self, request: Request) -> Response:
        row = self.get_queryset().model(**self.valid(self.get_serializer_class()))
        return self.answer(type(self).save(row, actor=self.actor), 201)

    def partial_update(self, request: Request, pk: str) -> Response:
        row = self._row(pk)
        valid = self.valid(self.get_serializer_class(), partial=True, instance=row)
        for name, value in valid.items():
            setattr(row, name, value)
        return self.answer(type(self).save(row, actor=self.actor))

    def destroy(self, request: Request, pk: str) -> Response:
        type(self).remove(self._row(pk), actor=self.actor)
        return Response(status=204)

    def _row(self, pk: str) -> Any:
        return get_object_or_404(self.get_queryset(), pk=pk)


class PolicyViewSet(GovernanceViewSet):
    """Policies for all projects are read by everyone, and changed by platform admins. A project's
    own may ask for more than what holds for all, and only platform admins make one that asks for
    less."""

    queryset = ApprovalPolicy.objects.all()
    serializer_class = PolicySerializer
    save = staticmethod(policies.save_policy)
    remove = staticmethod(policies.delete_policy)

    @extend_schema(parameters=[EffectiveQuery], responses=EffectiveSerializer, filters=False)
    @action(detail=False, pagination_class=None, filter_backends=[])
    def effective(self, request: Request) -> Response:
        """Which policy decides about an action, why, and whether enough people could."""
        refuse_unknown(request, {"project", "tier", "action"})
        context = self.get_serializer_context()
        query = EffectiveQuery(data=request.query_params.dict(), context=context)
        query.is_valid(raise_exception=True)
        found = selectors.effective(**query.validated_data)
        return Response(EffectiveSerializer(found).data)


class FreezeViewSet(GovernanceViewSet):
    """Freezes for all projects are read by everyone, and changed by platform admins."""

    queryset = FreezeWindow.objects.all()
    serializer_class = FreezeSerializer
    save = staticmethod(freezes.save_freeze)
    remove = staticmethod(freezes.delete_freeze)
