"""Where a project's events are told: for those who manage the project."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from config.core.api.filters import refuse_unknown
from config.core.api.views import ListMixin, ScopedViewSet
from config.core.models import Project
from config.core.permissions import fetch, require
from config.notifications import services
from config.notifications.models import Channel
from config.notifications.serializers import (
    ChannelInput,
    ChannelPatch,
    ChannelSerializer,
    CreatedChannelSerializer,
    DeliverySerializer,
    SigningSecretSerializer,
    TriedSerializer,
)


class ChannelViewSet(ListMixin, ScopedViewSet):
    """Channels of a project. Needs `project_manage`, to read them too."""

    queryset = Channel.objects.select_related("project")
    serializer_class = ChannelSerializer
    read_permission = "project_manage"
    project: Project

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        rows = Project.objects.all()
        self.project = fetch(rows, request.user, "release_read", pk=self.kwargs["project_pk"])
        require(request.user, self.read_permission, self.project)

    def get_queryset(self) -> QuerySet[Channel]:
        rows: QuerySet[Channel] = super().get_queryset()
        return rows.filter(project=self.project)

    def get_object(self) -> Channel:
        rows = Channel.objects.select_related("project").filter(project=self.project)
        return fetch(rows, self.request.user, self.read_permission, pk=self.kwargs["pk"])

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "project": getattr(self, "project", None)}

    @extend_schema(request=ChannelInput, responses={201: CreatedChannelSerializer})
    def create(self, request: Request, project_pk: str) -> Response:
        fields = self.valid(ChannelInput)
        channel, secret = services.create(self.project, actor=self.actor, **fields)
        shown = CreatedChannelSerializer(channel, context={"secret": secret})
        return Response(shown.data, status=201)

    def retrieve(self, request: Request, project_pk: str, pk: str) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=ChannelPatch)
    def partial_update(self, request: Request, project_pk: str, pk: str) -> Response:
        channel = self.get_object()
        context = self.get_serializer_context() | {"channel": channel}
        patch = ChannelPatch(data=request.data, partial=True, context=context)
        patch.is_valid(raise_exception=True)
        return self.answer(services.change(channel, actor=self.actor, **patch.validated_data))

    def destroy(self, request: Request, project_pk: str, pk: str) -> Response:
        services.delete(self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=None, responses=SigningSecretSerializer)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, project_pk: str, pk: str) -> Response:
        secret = services.rotate(self.get_object(), actor=self.actor)
        return Response({"signing_secret": secret.reveal()})

    @extend_schema(request=None, responses=TriedSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, project_pk: str, pk: str) -> Response:
        error = services.try_out(self.get_object(), actor=self.actor)
        return Response({"ok": not error, "error": error})

    @extend_schema(responses=DeliverySerializer(many=True))
    @action(detail=True)
    def deliveries(self, request: Request, project_pk: str, pk: str) -> Response:
        refuse_unknown(request, set())
        rows = self.get_object().deliveries.select_related("event")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(DeliverySerializer(page, many=True).data)
