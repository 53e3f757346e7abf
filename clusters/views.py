"""Clusters: imported, checked, given new credentials; and what runs in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from clusters import selectors, services
from clusters.filters import ClusterFilter
from clusters.models import Cluster
from clusters.paging import K, page_of
from clusters.serializers import (
    CheckedSerializer,
    ClusterCredentialInput,
    ClusterImportInput,
    ClusterPatch,
    ClusterSerializer,
    NamespaceSerializer,
    WorkloadSerializer,
)
from config.core.api.views import ListMixin, ScopedViewSet

_NAMESPACE = OpenApiParameter("namespace", str, description="All of them without")


class ClusterViewSet(ListMixin, ScopedViewSet):
    queryset = Cluster.objects.select_related("project")
    serializer_class = ClusterSerializer
    filterset_class = ClusterFilter
    read_permission = "cluster_read"

    def retrieve(self, request: Request, pk: str) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=ClusterPatch)
    def partial_update(self, request: Request, pk: str) -> Response:
        cluster = self.get_object()
        patch = ClusterPatch(data=request.data, context={"cluster": cluster})
        patch.is_valid(raise_exception=True)
        return self.answer(
            services.rename(cluster, actor=self.actor, name=patch.validated_data["name"])
        )

    def destroy(self, request: Request, pk: str) -> Response:
        services.delete(self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=ClusterImportInput, responses={201: ClusterSerializer})
    @action(detail=False, methods=["post"], url_path="import", url_name="import")
    def import_(self, request: Request) -> Response:
        fields = self.valid(ClusterImportInput)
        return self.answer(services.import_cluster(actor=self.actor, **fields), 201)

    @extend_schema(request=None, responses=CheckedSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        checked = services.check(self.get_object(), actor=self.actor)
        return Response(CheckedSerializer(checked).data)

    @extend_schema(request=ClusterCredentialInput)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        cluster = self.get_object()
        fields = self.valid(ClusterCredentialInput)
        return self.answer(services.rotate(cluster, actor=self.actor, **fields))

    @extend_schema(responses=NamespaceSerializer(many=True))
    @action(detail=True, filterset_class=None)
    def namespaces(self, request: Request, pk: str) -> Response:
        found = selectors.namespaces(self.get_object())
        return self._page(found, NamespaceSerializer)

    @extend_schema(parameters=[_NAMESPACE], responses=WorkloadSerializer(many=True))
    @action(detail=True, filterset_class=None)
    def workloads(self, request: Request, pk: str) -> Response:
        namespace = request.query_params.get("namespace", "")
        found = selectors.workloads(self.get_object(), namespace)
        return self._page(found, WorkloadSerializer, frozenset({"namespace"}))

    def _page(
        self,
        items: Sequence[K],
        shape: type[Serializer[Any]],
        filters: frozenset[str] = frozenset(),
    ) -> Response:
        shown, links = page_of(self.request, items, filters)
        return Response({"results": shape(shown, many=True).data, **links})
