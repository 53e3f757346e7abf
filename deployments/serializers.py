"""Shapes of services, revisions and targets (contract, "Releases")."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator

from clusters.models import Cluster
from config.core.api.fields import VisibleField
from config.core.api.views import StrictModelSerializer, StrictSerializer
from config.core.models import Project
from deployments.models import (
    DeploymentTarget,
    Service,
    ServiceRevision,
)
from deployments.rendering import NAME
from environments.models import Environment

_MAX_MANIFEST = 1 << 20
NAMESPACE = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z"  # RFC 1123 label, as Kubernetes wants it


class ServiceSerializer(StrictModelSerializer[Service]):
    project_id = VisibleField(
        source="project", queryset=Project.objects.all(), permission="release_read"
    )
    name = serializers.RegexField(
        r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z",
        help_text="Small letters, digits and hyphens: it names things on hosts.",
    )
    latest_revision = serializers.SerializerMethodField()

    class Meta:
        model = Service
        fields = [
            "id",
            "name",
            "project_id",
            "runtime_type",
            "description",
            "latest_revision",
            "created_at",
        ]
        validators = [
            UniqueTogetherValidator(
                Service.objects.all(), ("project_id", "name"), "The project has one of this name."
            )
        ]

    def get_latest_revision(self, service: Service) -> int | None:
        return getattr(service, "latest_revision", None)


class ServicePatch(StrictSerializer):
    description = serializers.CharField(max_length=4000, allow_blank=True)


class VariableSerializer(StrictSerializer):
    default = serializers.CharField(required=False, allow_null=True, allow_blank=True, default=None)
    secret = serializers.BooleanField(default=False)
    required = serializers.BooleanField(default=False)  # type: ignore[assignment]  # the contract's word


class RevisionSerializer(StrictModelSerializer[ServiceRevision]):
    service_id = serializers.IntegerField(read_only=True)
    manifest = serializers.CharField(max_length=_MAX_MANIFEST, trim_whitespace=False)
    variables = serializers.DictField(child=VariableSerializer(), required=False, default=dict)
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=4000)
    created_by = serializers.CharField(source="created_by.username", read_only=True)

    class Meta:
        model = ServiceRevision
        fields = [
            "id",
            "service_id",
            "number",
            "manifest",
            "variables",
            "note",
            "created_by",
            "created_at",
        ]
        read_only_fields = ["number"]

    def validate_variables(self, value: dict[str, Any]) -> dict[str, Any]:
        wrong = [name for name in value if not NAME.fullmatch(name)]
        if wrong:
            raise serializers.ValidationError({name: ["Not a variable's name."] for name in wrong})
        return value


class TargetSerializer(StrictModelSerializer[DeploymentTarget]):
    project_id = VisibleField(
        source="project", queryset=Project.objects.all(), permission="release_read"
    )
    environment_id = VisibleField(
        source="environment", queryset=Environment.objects.all(), permission="environment_read"
    )
    cluster_id = VisibleField(
        source="cluster",
        queryset=Cluster.objects.all(),
        permission="cluster_read",
        required=False,
        allow_null=True,
    )
    namespace = serializers.RegexField(
        NAMESPACE, required=False, allow_blank=True, max_length=63, default=""
    )
    max_parallel = serializers.IntegerField(min_value=1, max_value=100, required=False)
    active_release_id = serializers.IntegerField(read_only=True, allow_null=True)
    last_release_id = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = DeploymentTarget
        fields = [
            "id",
            "name",
            "project_id",
            "environment_id",
            "runtime_type",
            "cluster_id",
            "namespace",
            "max_parallel",
            "auto_rollback",
            "active_release_id",
            "last_release_id",
            "created_at",
        ]
        validators = [
            UniqueTogetherValidator(
                DeploymentTarget.objects.all(),
                ("project_id", "name"),
                "The project has one of this name.",
            )
        ]


class TargetPatch(StrictSerializer):
    name = serializers.CharField(max_length=63, required=False)
    max_parallel = serializers.IntegerField(min_value=1, max_value=100, required=False)
    auto_rollback = serializers.BooleanField(required=False)
