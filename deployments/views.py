"""Services, their revisions, and targets."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.core.api.views import ListMixin, ScopedViewSet
from config.core.permissions import fetch
from deployments import services
from deployments.filters import ServiceFilter, TargetFilter
from deployments.models import DeploymentTarget, Service, ServiceRevision
from deployments.serializers import (
    RevisionSerializer,
    ServicePatch,
    ServiceSerializer,
    TargetPatch,
    TargetSerializer,
)


class ServiceViewSet(ListMixin, ScopedViewSet):
    queryset = Service.objects.filter(archived=False).annotate(
        latest_revision=Max("revisions__number")
    )
    serializer_class = ServiceSerializer
    filterset_class = ServiceFilter
    read_permission = "release_read"

    def create(self, request: Request) -> Response:
        fields = self.valid(ServiceSerializer)
        return self.answer(services.create_service(actor=self.actor, **fields), 201)

    def retrieve(self, request: Request, pk: str) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=ServicePatch)
    def partial_update(self, request: Request, pk: str) -> Response:
        service = self.get_object()
        return self.answer(
            services.update_service(service, actor=self.actor, **self.valid(ServicePatch))
        )

    def destroy(self, request: Request, pk: str) -> Response:
        services.archive_service(self.get_object(), actor=self.actor)
        return Response(status=204)


class RevisionViewSet(ListMixin, ScopedViewSet):
    queryset = ServiceRevision.objects.select_related("created_by")
    serializer_class = RevisionSerializer
    read_permission = "release_read"

    def get_queryset(self) -> QuerySet[ServiceRevision]:
        return super().get_queryset().filter(service=self._service())

    def create(self, request: Request, service_pk: str) -> Response:
        service = self._service()
        fields = self.valid(RevisionSerializer)
        return self.answer(services.create_revision(service, actor=self.actor, **fields), 201)

    def _service(self) -> Service:
        rows = Service.objects.select_related("project")
        pk: Any = self.kwargs.get("service_pk")
        return fetch(rows, self.request.user, self.read_permission, pk=pk)


class TargetViewSet(ListMixin, ScopedViewSet):
    queryset = DeploymentTarget.objects.filter(archived=False)
    serializer_class = TargetSerializer
    filterset_class = TargetFilter
    read_permission = "release_read"

    def create(self, request: Request) -> Response:
        fields = self.valid(TargetSerializer)
        return self.answer(services.create_target(actor=self.actor, **fields), 201)

    def retrieve(self, request: Request, pk: str) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=TargetPatch)
    def partial_update(self, request: Request, pk: str) -> Response:
        target = self.get_object()
        return self.answer(
            services.update_target(target, actor=self.actor, **self.valid(TargetPatch))
        )

    def destroy(self, request: Request, pk: str) -> Response:
        services.archive_target(self.get_object(), actor=self.actor)
        return Response(status=204)
