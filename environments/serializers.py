"""Shapes of environments (contract, "Environments")."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator

from approvals.models import Tier
from config.core.api.fields import VisibleField
from config.core.api.views import StrictModelSerializer, StrictSerializer
from config.core.models import Project
from environments.bundles.model import RUNTIMES
from environments.models import (
    Environment,
)


class HealthSerializer(serializers.Serializer[Any]):
    """What is wrong, and since when. `source`: `node:ID`, `vip` or `verify`."""

    source = serializers.CharField()  # type: ignore[assignment]  # the name is right for readers
    code = serializers.CharField()
    message = serializers.CharField()
    since = serializers.DateTimeField()


class EnvironmentSerializer(StrictModelSerializer[Environment]):
    project_id = VisibleField(
        source="project", queryset=Project.objects.all(), permission="environment_read"
    )
    tier = serializers.ChoiceField(choices=Tier.choices)
    health = serializers.SerializerMethodField()
    cluster_id = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = Environment
        fields = [
            "id",
            "name",
            "project_id",
            "tier",
            "runtime_type",
            "status",
            "health",
            "cluster_id",
            "created_at",
        ]
        read_only_fields = ["status"]
        validators = [
            UniqueTogetherValidator(
                Environment.objects.all(),
                ("project_id", "name"),
                "The project has one of this name.",
            )
        ]

    @extend_schema_field(HealthSerializer(many=True))
    def get_health(self, environment: Environment) -> list[dict[str, str]]:
        return [{"source": source, **said} for source, said in environment.health.items()]


class EnvironmentPatch(StrictSerializer):
    name = serializers.CharField(max_length=200)


class PlatformSerializer(serializers.Serializer[Any]):
    os = serializers.CharField()
    release = serializers.CharField()
    arch = serializers.CharField()


class OptionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()
    default = serializers.JSONField()
    required = serializers.BooleanField()  # type: ignore[assignment]  # the index's word
    choices = serializers.ListField(child=serializers.CharField())
    pattern = serializers.CharField(help_text="A regular expression for all of it, or empty")
    minimum = serializers.IntegerField(allow_null=True)
    maximum = serializers.IntegerField(allow_null=True)
    description = serializers.CharField()


class BundleSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    version = serializers.CharField()
    runtime = serializers.ChoiceField(choices=RUNTIMES)
    platforms = PlatformSerializer(many=True)
    options = OptionSerializer(many=True)
    artifacts = serializers.SerializerMethodField()
    size = serializers.SerializerMethodField(help_text="Of all artifacts, in bytes")

    def get_artifacts(self, bundle: Any) -> int:
        return len(bundle.artifacts)

    def get_size(self, bundle: Any) -> int:
        return sum(artifact.size for artifact in bundle.artifacts)


class ProblemSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    path = serializers.CharField()
    line = serializers.IntegerField()
    message = serializers.CharField()


class VerificationSerializer(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    errors = ProblemSerializer(many=True)  # type: ignore[assignment]  # the contract's word
