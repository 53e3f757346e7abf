"""Releases: preview, apply, roll back, cancel, and all there is to read about one."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from config.core.api import streams
from config.core.api.filters import refuse_unknown
from config.core.api.streams import Poll
from config.core.api.views import ListMixin, ScopedViewSet
from config.core.errors import NotFound
from config.core.models import TimelineEvent, User
from config.core.permissions import fetch
from config.core.serializers import EventSerializer
from deployments import logs, preview, releasing, selectors
from deployments.filters import ReleaseFilter
from deployments.lifecycle import APPLIED, FAILED, ROLLBACK, canonical
from deployments.models import Release, ReleaseLog, ReleaseStep
from deployments.release_serializers import (
    ApplySerializer,
    ParametersSerializer,
    ReleaseListSerializer,
    ReleaseSerializer,
    RollbackInput,
)
from deployments.run_serializers import (
    DiagnosticsSerializer,
    ReleaseLogQuery,
    ReleaseStepSerializer,
)
from environments import streaming
from environments.install_serializers import LogPageSerializer


class ReleaseViewSet(ListMixin, ScopedViewSet):
    queryset = selectors.releases()
    serializer_class = ReleaseSerializer
    filterset_class = ReleaseFilter
    read_permission = "release_read"

    def get_serializer_class(self) -> Any:
        return ReleaseListSerializer if self.action == "list" else ReleaseSerializer

    def get_queryset(self) -> QuerySet[Release]:
        rows = super().get_queryset()
        # A page of releases doesn't need what only one release's page shows.
        return rows.defer("content", "given", "resolved_manifest", "diff", "diagnostics_json")

    def retrieve(self, request: Request, pk: str) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=ParametersSerializer, responses={201: ReleaseSerializer})
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        parameters = self.valid(ParametersSerializer)
        made = preview.preview_deploy(actor=self.actor, **parameters)
        return self.answer(selectors.releases().get(pk=made.pk), 201)

    @extend_schema(
        request=ApplySerializer, responses={202: ReleaseSerializer, 200: ReleaseSerializer}
    )
    @action(detail=False, methods=["post"])
    def apply(self, request: Request) -> Response:
        sent = self.valid(ApplySerializer)
        release, made = releasing.apply(
            actor=self.actor,
            preview_ref=sent.pop("preview_ref"),
            freeze_override=sent.pop("freeze_override", ""),
            sent=sent,
        )
        return self.answer(release, 202 if made else 200)

    @extend_schema(
        request=RollbackInput, responses={202: ReleaseSerializer, 201: ReleaseSerializer}
    )
    @action(detail=True, methods=["post"])
    def rollback(self, request: Request, pk: str) -> Response:
        release, wanted = self.get_object(), self.valid(RollbackInput)
        do = releasing.dry_run_rollback if wanted["dry_run"] else releasing.rollback
        made = do(release, actor=self.actor, reason=wanted["reason"])
        return self.answer(selectors.releases().get(pk=made.pk), 201 if wanted["dry_run"] else 202)

    @extend_schema(request=None, responses={202: ReleaseSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        return self.answer(releasing.cancel(self.get_object(), actor=self.actor), 202)

    @extend_schema(responses=EventSerializer(many=True), filters=False)
    @action(detail=True)
    def timeline(self, request: Request, pk: str) -> Response:
        """The release's events, newest first; its approval's among them."""
        refuse_unknown(request, set())
        release = self.get_object()
        rows = TimelineEvent.objects.filter(correlation_id=release.correlation_id)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(EventSerializer(page, many=True).data)

    @extend_schema(responses=DiagnosticsSerializer, filters=False)
    @action(detail=True, pagination_class=None, filter_backends=[])
    def diagnostics(self, request: Request, pk: str) -> Response:
        found = self.get_object().diagnostics_json
        if found is None:
            raise NotFound("This release has no diagnostics: it did not fail while it ran.")
        return Response(found)

    @extend_schema(responses=ReleaseStepSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None, filter_backends=[])
    def steps(self, request: Request, pk: str) -> Response:
        rows = ReleaseStep.objects.filter(run=self.get_object()).select_related("node")
        return Response(ReleaseStepSerializer(rows, many=True).data)

    @extend_schema(parameters=[ReleaseLogQuery], responses=LogPageSerializer, filters=False)
    @action(detail=True)
    def logs(self, request: Request, pk: str) -> Response:
        refuse_unknown(request, {"node", "after", "tail"})
        query = ReleaseLogQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        found = logs.page(
            self.get_object(),
            node=wanted.get("node"),
            after=wanted["after"],
            tail=wanted.get("tail"),
        )
        return Response(found)


async def release_stream(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The logs of all hosts as they grow: `event: log|step|task`, resumable by `Last-Event-ID`."""

    def open_stream(user: User) -> Poll:
        release = fetch(Release.objects.all(), user, "release_read", pk=pk)
        return partial(
            streaming.poll,
            ReleaseLog,
            lambda: list(ReleaseStep.objects.filter(run=release)),
            lambda: _state(release.pk),
        )

    return await streams.respond(request, open_stream)


def _state(pk: int) -> tuple[str, bool]:
    state = canonical(Release.objects.values_list("status", flat=True).get(pk=pk))
    return state, state in (APPLIED, FAILED, ROLLBACK)
