"""The inbox and its policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals import freezes, inbox, services
from approvals.filters import InboxFilter
from approvals.models import ApprovalInboxItem, ApprovalPolicy, FreezeWindow
from approvals.serializers import (
    ApproveInput,
    AssignInput,
    CommentInput,
    FreezeSerializer,
    InboxDetailSerializer,
    InboxItemSerializer,
    OptionalCommentInput,
    PolicySerializer,
    SummarySerializer,
)
from config.core.api.views import ListMixin, ScopedViewSet


class InboxViewSet(ListMixin, ScopedViewSet):
    """Every ticket the caller may read. To decide needs `approval_review` and no part in it."""

    queryset = ApprovalInboxItem.objects.all()
    serializer_class = InboxItemSerializer
    filterset_class = InboxFilter
    read_permission = "approval_read"
    lookup_field = "ticket"
    lookup_value_regex = r"APR-\d{6,18}"

    def get_queryset(self) -> QuerySet[ApprovalInboxItem]:
        user: Any = self.request.user
        return inbox.inbox(user, self.request.query_params.get("scope", "all"))

    def get_object(self) -> ApprovalInboxItem:
        user: Any = self.request.user
        return inbox.by_ticket(user, self.kwargs["ticket"])

    @extend_schema(responses=InboxDetailSerializer)
    def retrieve(self, request: Request, ticket: str) -> Response:
        return self._item(self.get_object())

    @extend_schema(responses=SummarySerializer, filters=False)
    @action(detail=False, pagination_class=None, filter_backends=[])
    def summary(self, request: Request) -> Response:
        return Response(SummarySerializer(inbox.summary(request.user)).data)  # type: ignore[arg-type]

    @extend_schema(request=ApproveInput, responses=InboxDetailSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, ticket: str) -> Response:
        item = self.get_object()
        return self._item(services.approve(item, actor=self.actor, **self.valid(ApproveInput)))

    @extend_schema(request=CommentInput, responses=InboxDetailSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, ticket: str) -> Response:
        item = self.get_object()
        return self._item(services.reject(item, actor=self.actor, **self.valid(CommentInput)))

    @extend_schema(request=OptionalCommentInput, responses=InboxDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, ticket: str) -> Response:
        item = self.get_object()
        return self._item(
            services.cancel(item, actor=self.actor, **self.valid(OptionalCommentInput))
        )

    @extend_schema(request=None, responses=InboxDetailSerializer)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, ticket: str) -> Response:
        item = self.get_object()
        user: Any = request.user
        return self._item(services.assign(item, actor=self.actor, user=user))

    @extend_schema(request=AssignInput, responses=InboxDetailSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, ticket: str) -> Response:
        item = self.get_object()
        return self._item(services.assign(item, actor=self.actor, **self.valid(AssignInput)))

    @extend_schema(request=CommentInput, responses=InboxDetailSerializer)
    @action(detail=True, methods=["post"])
    def comment(self, request: Request, ticket: str) -> Response:
        item = self.get_object()
        text = self.valid(CommentInput)["comment"]
        return self._item(services.comment(item, actor=self.actor, text=text))

    def _item(self, item: ApprovalInboxItem) -> Response:
        context = self.get_serializer_context()
        return Response(InboxDetailSerializer(item, context=context).data)


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
    """Policies for all projects are read by everyone, and changed by platform admins."""

    queryset = ApprovalPolicy.objects.all()
    serializer_class = PolicySerializer
    save = staticmethod(services.save_policy)
    remove = staticmethod(services.delete_policy)


class FreezeViewSet(GovernanceViewSet):
    """Freezes for all projects are read by everyone, and changed by platform admins."""

    queryset = FreezeWindow.objects.all()
    serializer_class = FreezeSerializer
    save = staticmethod(freezes.save_freeze)
    remove = staticmethod(freezes.delete_freeze)
