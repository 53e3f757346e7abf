"""The inbox."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals import bulk, deciding, handling, inbox
from approvals.filters import InboxFilter
from approvals.models import ApprovalInboxItem
from approvals.serializers import (
    ApproveInput,
    AssignInput,
    BreakGlassInput,
    BulkInput,
    BulkResultSerializer,
    CommentInput,
    InboxDetailSerializer,
    InboxItemSerializer,
    OptionalCommentInput,
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
        return self._item(deciding.approve(item, actor=self.actor, **self.valid(ApproveInput)))

    @extend_schema(request=BreakGlassInput, responses=InboxDetailSerializer)
    @action(detail=True, methods=["post"], url_path="break-glass")
    def break_glass(self, request: Request, ticket: str) -> Response:
        """Approves in an emergency, without the votes; takes a right of its own, and a reason."""
        item = self.get_object()
        reason = self.valid(BreakGlassInput)["reason"]
        return self._item(deciding.break_glass(item, actor=self.actor, reason=reason))

    @extend_schema(request=CommentInput, responses=InboxDetailSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, ticket: str) -> Response:
        item = self.get_object()
        return self._item(deciding.reject(item, actor=self.actor, **self.valid(CommentInput)))

    @extend_schema(request=OptionalCommentInput, responses=InboxDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, ticket: str) -> Response:
        item = self.get_object()
        return self._item(
            deciding.cancel(item, actor=self.actor, **self.valid(OptionalCommentInput))
        )

    @extend_schema(request=None, responses=InboxDetailSerializer)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, ticket: str) -> Response:
        item = self.get_object()
        user: Any = request.user
        return self._item(handling.assign(item, actor=self.actor, user=user))

    @extend_schema(request=AssignInput, responses=InboxDetailSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, ticket: str) -> Response:
        item = self.get_object()
        return self._item(handling.assign(item, actor=self.actor, **self.valid(AssignInput)))

    @extend_schema(request=CommentInput, responses=InboxDetailSerializer)
    @action(detail=True, methods=["post"])
    def comment(self, request: Request, ticket: str) -> Response:
        item = self.get_object()
        text = self.valid(CommentInput)["comment"]
        return self._item(handling.comment(item, actor=self.actor, text=text))

    @extend_schema(request=BulkInput, responses=BulkResultSerializer, filters=False)
    @action(detail=False, methods=["post"], pagination_class=None, filter_backends=[])
    def bulk(self, request: Request) -> Response:
        """Each ticket is decided for itself: some may be, and others not."""
        results = bulk.decide(actor=self.actor, **self.valid(BulkInput))
        return Response({"results": results})

    def _item(self, item: ApprovalInboxItem) -> Response:
        context = self.get_serializer_context()
        return Response(InboxDetailSerializer(item, context=context).data)
