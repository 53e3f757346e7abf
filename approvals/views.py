"""The inbox and its policies."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals import selectors, services
from approvals.filters import InboxFilter
from approvals.models import ApprovalInboxItem, ApprovalPolicy
from approvals.serializers import (
    ApproveInput,
    AssignInput,
    CommentInput,
    InboxDetailSerializer,
    InboxItemSerializer,
    OptionalCommentInput,
    PolicySerializer,
    SummarySerializer,
)
from config.core.api.views import ListMixin, ScopedViewSet
from config.core.permissions import visible_to


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
        return selectors.inbox(user, self.request.query_params.get("scope", "all"))

    def get_object(self) -> ApprovalInboxItem:
        user: Any = self.request.user
        return selectors.by_ticket(user, self.kwargs["ticket"])

    @extend_schema(responses=InboxDetailSerializer)
    def retrieve(self, request: Request, ticket: str) -> Response:
        return self._item(self.get_object())

    @extend_schema(responses=SummarySerializer, filters=False)
    @action(detail=False, pagination_class=None, filter_backends=[])
    def summary(self, request: Request) -> Response:
        return Response(SummarySerializer(selectors.summary(request.user)).data)  # type: ignore[arg-type]

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


class PolicyViewSet(ListMixin, ScopedViewSet):
    """Policies for all projects are read by everyone, and changed by platform admins."""

    queryset = ApprovalPolicy.objects.all()
    serializer_class = PolicySerializer
    read_permission = "approval_read"

    def get_queryset(self) -> QuerySet[ApprovalPolicy]:
        policies = ApprovalPolicy.objects.all()
        own = visible_to(policies, self.request.user, self.read_permission)
        return policies.filter(Q(project__isnull=True) | Q(pk__in=own.order_by().values("pk")))

    def create(self, request: Request) -> Response:
        policy = ApprovalPolicy(**self.valid(PolicySerializer))
        return self.answer(services.save_policy(policy, actor=self.actor), 201)

    def partial_update(self, request: Request, pk: str) -> Response:
        policy = self._policy(pk)
        for name, value in self.valid(PolicySerializer, partial=True, instance=policy).items():
            setattr(policy, name, value)
        return self.answer(services.save_policy(policy, actor=self.actor))

    def destroy(self, request: Request, pk: str) -> Response:
        services.delete_policy(self._policy(pk), actor=self.actor)
        return Response(status=204)

    def _policy(self, pk: str) -> ApprovalPolicy:
        return get_object_or_404(self.get_queryset(), pk=pk)
