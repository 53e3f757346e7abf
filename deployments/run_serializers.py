"""Shapes of what a release's run leaves behind: steps, logs, diagnostics."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.core.api.views import StrictSerializer
from deployments.models import ReleaseStep
from deployments.release_serializers import NamedSerializer


class DiagnosedResourceSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    name = serializers.CharField()
    namespace = serializers.CharField()
    node = serializers.CharField()
    status = serializers.CharField()
    reason = serializers.CharField()
    message = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    log_tail = serializers.ListField(child=serializers.CharField())


class DiagnosisSummarySerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField()


class DiagnosticsSerializer(serializers.Serializer[Any]):
    """The object that `deployments.diagnostics.SCHEMA` checks, for the API's document."""

    schema = serializers.IntegerField()
    collected_at = serializers.DateTimeField()
    runtime_type = serializers.CharField()
    stage = serializers.CharField()
    summary = DiagnosisSummarySerializer()
    resources = DiagnosedResourceSerializer(many=True)
    steps = serializers.ListField(child=serializers.DictField())
    raw = serializers.DictField()


class ReleaseStepSerializer(serializers.ModelSerializer[ReleaseStep]):
    node = NamedSerializer(read_only=True, allow_null=True)
    duration_ms = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = ReleaseStep
        fields = [
            "id",
            "hook",
            "node",
            "status",
            "exit_code",
            "reason_code",
            "started_at",
            "finished_at",
            "duration_ms",
            "log_bytes",
            "log_cut",
        ]
        read_only_fields = fields


class ReleaseLogQuery(StrictSerializer):
    node = serializers.IntegerField(required=False, min_value=1)
    after = serializers.IntegerField(required=False, min_value=0, default=0)
    tail = serializers.IntegerField(required=False, min_value=1, max_value=1 << 20)
