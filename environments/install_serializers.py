"""Shapes of installs: previews, tasks, steps and their logs (contract, "Environments")."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.core.api.views import StrictSerializer
from environments import estimates
from environments.models import EnvironmentInstallTask, InstallPreview, InstallStep, TaskKind


class PreviewInput(StrictSerializer):
    bundle = serializers.CharField(max_length=200)
    version = serializers.CharField(max_length=64)
    options = serializers.DictField(required=False, default=dict)
    kind = serializers.ChoiceField(
        choices=[TaskKind.INSTALL, TaskKind.VERIFY, TaskKind.UNINSTALL], default=TaskKind.INSTALL
    )
    max_parallel = serializers.IntegerField(
        min_value=1, max_value=200, default=50, help_text="On how many hosts a step runs at once."
    )
    on_failure = serializers.ChoiceField(
        choices=["stop", "continue"],
        default="stop",
        help_text="`continue`: hosts that fail are left behind, the others go on.",
    )


class InstallPreviewSerializer(serializers.ModelSerializer[InstallPreview]):
    environment_id = serializers.IntegerField(read_only=True)
    plan = serializers.DictField(read_only=True)
    risk = serializers.DictField(read_only=True)
    preview_expires_at = serializers.DateTimeField(source="expires_at", read_only=True)

    class Meta:
        model = InstallPreview
        fields = [
            "preview_ref",
            "preview_expires_at",
            "environment_id",
            "kind",
            "bundle",
            "version",
            "context_hash",
            "plan",
            "risk",
        ]
        read_only_fields = fields


class RetryInput(StrictSerializer):
    freeze_override = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=4000,
        help_text="Why this can't wait until a freeze ends; takes project_manage, and is recorded.",
    )


class InstallApplyInput(RetryInput):
    preview_ref = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)


class StepNodeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    host = serializers.CharField()


class StepSerializer(serializers.ModelSerializer[InstallStep]):
    node = StepNodeSerializer(read_only=True)
    duration_ms = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = InstallStep
        fields = [
            "id",
            "phase",
            "hook",
            "node",
            "status",
            "attempt",
            "exit_code",
            "reason_code",
            "started_at",
            "finished_at",
            "duration_ms",
            "percent",
            "message",
            "log_bytes",
            "log_cut",
            "log_cut",
        ]
        read_only_fields = fields


class ProgressSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    percent = serializers.SerializerMethodField()
    remaining_ms = serializers.SerializerMethodField(
        help_text="While it runs, by what its hooks took before; null where that is not known, "
        "and in lists."
    )

    def get_percent(self, task: EnvironmentInstallTask) -> int:
        return estimates.percent(task)

    def get_remaining_ms(self, task: EnvironmentInstallTask) -> int | None:
        single = self.root.instance is task
        return estimates.remaining_ms(task) if single else None


class TaskSerializer(serializers.ModelSerializer[EnvironmentInstallTask]):
    environment_id = serializers.IntegerField(read_only=True)
    project_id = serializers.IntegerField(read_only=True)
    approval_required = serializers.SerializerMethodField()
    progress = ProgressSerializer(source="*", read_only=True)
    requested_by = serializers.CharField(source="requested_by.username", read_only=True)
    steps = StepSerializer(many=True, read_only=True)

    class Meta:
        model = EnvironmentInstallTask
        fields = [
            "id",
            "environment_id",
            "project_id",
            "kind",
            "bundle",
            "version",
            "status",
            "reason_code",
            "approval_required",
            "approval_ticket",
            "progress",
            "requested_by",
            "source",
            "created_at",
            "start_after",
            "started_at",
            "finished_at",
            "steps",
        ]
        read_only_fields = fields

    def get_approval_required(self, task: EnvironmentInstallTask) -> bool:
        return bool(task.approval_ticket)


class LogPageSerializer(serializers.Serializer[Any]):
    step_id = serializers.IntegerField()
    node_id = serializers.IntegerField(allow_null=True)
    offset = serializers.IntegerField()
    next_offset = serializers.IntegerField()
    text = serializers.CharField()
    complete = serializers.BooleanField()


class LogQuery(StrictSerializer):
    step = serializers.IntegerField(min_value=1)
    after = serializers.IntegerField(required=False, min_value=0, default=0)
    tail = serializers.IntegerField(required=False, min_value=1, max_value=1 << 20)
