"""Environments, nodes, credentials and bundles."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.api.views import ListMixin, ScopedViewSet
from config.core.permissions import fetch
from environments import artifacts, selectors, services
from environments.bundles.problems import as_data
from environments.filters import BastionFilter, CredentialFilter, EnvironmentFilter
from environments.host_serializers import (
    BastionPatch,
    BastionSerializer,
    CredentialInput,
    CredentialSerializer,
    EnrollInput,
    HostKeySerializer,
    NodeSerializer,
)
from environments.models import Bastion, Environment, EnvironmentNode, SSHCredential
from environments.serializers import (
    BundleSerializer,
    EnvironmentPatch,
    EnvironmentSerializer,
    VerificationSerializer,
)


class EnvironmentViewSet(ListMixin, ScopedViewSet):
    queryset = Environment.objects.select_related("project")
    serializer_class = EnvironmentSerializer
    filterset_class = EnvironmentFilter
    read_permission = "environment_read"

    def create(self, request: Request) -> Response:
        fields = self.valid(EnvironmentSerializer)
        return self.answer(services.create_environment(actor=self.actor, **fields), 201)

    def retrieve(self, request: Request, pk: str) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=EnvironmentPatch)
    def partial_update(self, request: Request, pk: str) -> Response:
        environment = self.get_object()
        fields = self.valid(EnvironmentPatch)
        return self.answer(services.update_environment(environment, actor=self.actor, **fields))

    def destroy(self, request: Request, pk: str) -> Response:
        services.retire_environment(self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def adopt(self, request: Request, pk: str) -> Response:
        return self.answer(services.adopt(self.get_object(), actor=self.actor))


class CredentialViewSet(ListMixin, ScopedViewSet):
    queryset = SSHCredential.objects.all()
    serializer_class = CredentialSerializer
    filterset_class = CredentialFilter
    read_permission = "environment_manage"

    @extend_schema(request=CredentialInput)
    def create(self, request: Request) -> Response:
        fields = self.valid(CredentialInput)
        return self.answer(services.create_credential(actor=self.actor, **fields), 201)


class BastionViewSet(ListMixin, ScopedViewSet):
    queryset = Bastion.objects.select_related("project", "credential")
    serializer_class = BastionSerializer
    filterset_class = BastionFilter
    read_permission = "environment_manage"

    def create(self, request: Request) -> Response:
        fields = self.valid(BastionSerializer)
        return self.answer(services.create_bastion(actor=self.actor, **fields), 201)

    def retrieve(self, request: Request, pk: str) -> Response:
        return self.answer(self.get_object())

    @extend_schema(request=BastionPatch)
    def partial_update(self, request: Request, pk: str) -> Response:
        bastion = self.get_object()
        fields = self.valid(BastionPatch, partial=True, instance=bastion)
        return self.answer(services.update_bastion(bastion, actor=self.actor, **fields))

    def destroy(self, request: Request, pk: str) -> Response:
        services.delete_bastion(self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=None, responses=HostKeySerializer)
    @action(detail=True, methods=["post"])
    def scan(self, request: Request, pk: str) -> Response:
        key = services.scan(self.get_object(), actor=self.actor)
        return Response(HostKeySerializer(key).data)

    @extend_schema(request=EnrollInput)
    @action(detail=True, methods=["post"])
    def enroll(self, request: Request, pk: str) -> Response:
        bastion = self.get_object()
        return self.answer(services.enroll(bastion, actor=self.actor, **self.valid(EnrollInput)))


class InEnvironment(ScopedViewSet):
    """Rows below one environment, `…/environments/{environment_pk}/…`."""

    def environment(self) -> Environment:
        rows = Environment.objects.select_related("project")
        pk = self.kwargs.get("environment_pk")
        return fetch(rows, self.request.user, "environment_read", pk=pk)


class NodeViewSet(ListMixin, InEnvironment):
    queryset = EnvironmentNode.objects.select_related("environment__project", "credential")
    serializer_class = NodeSerializer
    read_permission = "environment_read"

    def get_queryset(self) -> QuerySet[EnvironmentNode]:
        return super().get_queryset().filter(environment=self.environment())

    def get_object(self) -> EnvironmentNode:
        rows = self.queryset.filter(environment=self.environment())
        return fetch(rows, self.request.user, self.read_permission, pk=self.kwargs["pk"])

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if "environment_pk" in self.kwargs:
            context["environment"] = self.environment()
        return context

    def create(self, request: Request, environment_pk: str) -> Response:
        environment = self.environment()
        fields = self.valid(NodeSerializer)
        return self.answer(services.add_node(environment, actor=self.actor, **fields), 201)

    def retrieve(self, request: Request, environment_pk: str, pk: str) -> Response:
        return self.answer(self.get_object())

    def partial_update(self, request: Request, environment_pk: str, pk: str) -> Response:
        node = self.get_object()
        fields = self.valid(NodeSerializer, partial=True, instance=node)
        return self.answer(services.update_node(node, actor=self.actor, **fields))

    def destroy(self, request: Request, environment_pk: str, pk: str) -> Response:
        services.remove_node(self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=None, responses=HostKeySerializer)
    @action(detail=True, methods=["post"])
    def scan(self, request: Request, environment_pk: str, pk: str) -> Response:
        key = services.scan(self.get_object(), actor=self.actor)
        return Response(HostKeySerializer(key).data)

    @extend_schema(request=EnrollInput)
    @action(detail=True, methods=["post"])
    def enroll(self, request: Request, environment_pk: str, pk: str) -> Response:
        node = self.get_object()
        return self.answer(services.enroll(node, actor=self.actor, **self.valid(EnrollInput)))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def check(self, request: Request, environment_pk: str, pk: str) -> Response:
        node = self.get_object()
        services.check(node, actor=self.actor)
        return self.answer(node)


class BundleListView(APIView):
    @extend_schema(responses=BundleSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(BundleSerializer(selectors.bundles(), many=True).data)


class BundleView(APIView):
    @extend_schema(responses=BundleSerializer)
    def get(self, request: Request, name: str, version: str) -> Response:
        return Response(BundleSerializer(selectors.bundle(name, version)).data)


class BundleVerifyView(APIView):
    @extend_schema(request=None, responses=VerificationSerializer)
    def post(self, request: Request, name: str, version: str) -> Response:
        selectors.bundle(name, version)
        problems = as_data(artifacts.verify(name, version))
        return Response({"ok": not problems, "errors": problems})
