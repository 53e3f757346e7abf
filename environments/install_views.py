"""Installs: preview, apply, and the tasks that come of it with their logs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from config.core import logs
from config.core.api import streams
from config.core.api.filters import refuse_unknown
from config.core.api.streams import Poll
from config.core.api.views import ListMixin
from config.core.errors import NotFound
from config.core.models import User
from config.core.permissions import fetch
from environments import installing, selectors, streaming
from environments.install_serializers import (
    InstallApplyInput,
    InstallPreviewSerializer,
    LogPageSerializer,
    LogQuery,
    PreviewInput,
    RetryInput,
    TaskSerializer,
)
from environments.models import (
    LIVE,
    EnvironmentInstallLog,
    EnvironmentInstallTask,
    InstallStep,
)
from environments.views import InEnvironment


class InstallViewSet(InEnvironment):
    """`…/install/preview` and `…/install/apply`."""

    queryset = EnvironmentInstallTask.objects.all()
    serializer_class = TaskSerializer
    read_permission = "environment_read"

    @extend_schema(request=PreviewInput, responses={201: InstallPreviewSerializer})
    def preview(self, request: Request, environment_pk: str) -> Response:
        environment = self.environment()
        made = installing.preview(environment, actor=self.actor, **self.valid(PreviewInput))
        return Response(InstallPreviewSerializer(made).data, status=201)

    @extend_schema(request=InstallApplyInput, responses={202: TaskSerializer, 200: TaskSerializer})
    def apply(self, request: Request, environment_pk: str) -> Response:
        environment = self.environment()
        fields = self.valid(InstallApplyInput)
        task, made = installing.apply(environment, actor=self.actor, **fields)
        return self.answer(selectors.tasks().get(pk=task.pk), 202 if made else 200)


class TaskViewSet(ListMixin, InEnvironment):
    queryset = selectors.tasks()
    serializer_class = TaskSerializer
    read_permission = "environment_read"

    def get_queryset(self) -> QuerySet[EnvironmentInstallTask]:
        return super().get_queryset().filter(environment=self.environment())

    def get_object(self) -> EnvironmentInstallTask:
        rows = self.queryset.filter(environment=self.environment())
        return fetch(rows, self.request.user, self.read_permission, pk=self.kwargs["pk"])

    def retrieve(self, request: Request, environment_pk: str, pk: str) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=None, responses={202: TaskSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, environment_pk: str, pk: str) -> Response:
        task = installing.cancel(self.get_object(), actor=self.actor)
        return self.answer(selectors.tasks().get(pk=task.pk), 202)

    @extend_schema(request=RetryInput, responses={202: TaskSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, environment_pk: str, pk: str) -> Response:
        fields = self.valid(RetryInput)
        task = installing.retry(self.get_object(), actor=self.actor, **fields)
        return self.answer(selectors.tasks().get(pk=task.pk), 202)

    @extend_schema(parameters=[LogQuery], responses=LogPageSerializer, filters=False)
    @action(detail=True)
    def logs(self, request: Request, environment_pk: str, pk: str) -> Response:
        refuse_unknown(request, {"step", "after", "tail"})
        query = LogQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        step = self._step(wanted["step"])
        page = streaming.page(
            EnvironmentInstallLog, step, after=wanted["after"], tail=wanted.get("tail")
        )
        return Response(page)

    @extend_schema(
        parameters=[LogQuery], responses={(200, "text/plain"): OpenApiTypes.STR}, filters=False
    )
    @action(detail=True, url_path="logs/download")
    def download(self, request: Request, environment_pk: str, pk: str) -> StreamingHttpResponse:
        query = LogQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        step = self._step(query.validated_data["step"])
        response = StreamingHttpResponse(_whole_log(step), content_type="text/plain; charset=utf-8")
        name = f"install-{pk}-{step.phase}-{step.hook}-{step.node.name}.log"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def _step(self, pk: int) -> InstallStep:
        step = self.get_object().steps.select_related("node", "run").filter(pk=pk).first()
        if step is None:
            raise NotFound("This task has no such step.")
        return step


async def _whole_log(step: InstallStep) -> AsyncIterator[bytes]:
    """A page at a time: of an iterator that isn't asynchronous, Django would gather all first."""
    read, offset = sync_to_async(logs.read_bytes), 0
    while part := await read(EnvironmentInstallLog, step.pk, offset):
        yield part
        offset += len(part)


async def task_stream(request: HttpRequest, environment_pk: int, pk: int) -> HttpResponseBase:
    """All steps' logs as they grow: `event: log|step|task`, resumable by `Last-Event-ID`."""

    def open_stream(user: User) -> Poll:
        rows = EnvironmentInstallTask.objects.filter(environment_id=environment_pk)
        task = fetch(rows, user, "environment_read", pk=pk)
        return partial(
            streaming.poll,
            EnvironmentInstallLog,
            lambda: list(InstallStep.objects.filter(run=task)),
            lambda: _state(task.pk),
        )

    return await streams.respond(request, open_stream)


def _state(pk: int) -> tuple[str, bool]:
    status = EnvironmentInstallTask.objects.values_list("status", flat=True).get(pk=pk)
    return status, status not in LIVE
