"""Shapes of releases (contract, "Releases")."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from approvals.inbox import ticket_status
from approvals.selectors import policy_for
from config.core.api.fields import VisibleField
from config.core.api.views import StrictSerializer
from config.core.permissions import visible_to
from config.core.risk import RiskLevel
from deployments.lifecycle import HISTORICAL, STATES, canonical
from deployments.models import (
    DeploymentTarget,
    Release,
    Service,
    ServiceRevision,
    Strategy,
)

DIFF_ACTIONS = ("create", "update", "delete")


class _CommonParameters(StrictSerializer):
    env = serializers.CharField(
        required=False,
        max_length=200,
        help_text="The environment (name or tier) that the caller believes the target is in.",
    )
    strategy = serializers.ChoiceField(choices=Strategy.choices, required=False)
    variables = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=65_536, trim_whitespace=False),
        required=False,
    )
    force_conflicts = serializers.BooleanField(required=False)


class ParametersSerializer(_CommonParameters):
    """What a preview is asked for with."""

    service_id = VisibleField(
        source="service", queryset=Service.objects.all(), permission="release_read"
    )
    target_id = VisibleField(
        source="target",
        queryset=DeploymentTarget.objects.select_related("environment", "project"),
        permission="release_read",
    )
    revision_id = VisibleField(
        source="revision",
        queryset=ServiceRevision.objects.all(),
        permission="release_read",
        required=False,
    )


class ApplySerializer(_CommonParameters):
    """Only `preview_ref` is needed; what else is sent has to be what was previewed."""

    preview_ref = serializers.CharField(required=False, default="", allow_blank=True, max_length=64)
    service_id = serializers.IntegerField(required=False)
    target_id = serializers.IntegerField(required=False)
    revision_id = serializers.IntegerField(required=False)
    freeze_override = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=4000,
        help_text="Why this can't wait until a freeze ends; takes project_manage, and is recorded.",
    )


class RollbackInput(StrictSerializer):
    reason = serializers.CharField(max_length=4000)
    dry_run = serializers.BooleanField(default=False)


class NamedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class TargetRefSerializer(NamedSerializer):
    runtime_type = serializers.CharField()


class EnvironmentRefSerializer(NamedSerializer):
    tier = serializers.CharField()


class RevisionRefSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()


class RiskSerializer(serializers.Serializer[Any]):
    level = serializers.ChoiceField(choices=RiskLevel.choices)
    reasons = serializers.ListField(child=serializers.CharField())


class CheckSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    status = serializers.ChoiceField(choices=["pass", "warn", "fail"])
    message = serializers.CharField()


class DiffSummarySerializer(serializers.Serializer[Any]):
    create = serializers.IntegerField()  # type: ignore[assignment]  # the contract's word
    update = serializers.IntegerField()  # type: ignore[assignment]  # the contract's word
    delete = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class DiffResourceSerializer(serializers.Serializer[Any]):
    action = serializers.ChoiceField(choices=DIFF_ACTIONS)
    kind = serializers.CharField()
    name = serializers.CharField()
    namespace = serializers.CharField(allow_blank=True)
    unified = serializers.CharField()


class DiffSerializer(serializers.Serializer[Any]):
    summary = DiffSummarySerializer()
    resources = DiffResourceSerializer(many=True)


class ImageSerializer(serializers.Serializer[Any]):
    service = serializers.CharField()
    reference = serializers.CharField()
    digest = serializers.CharField(allow_null=True)


class ConflictSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    name = serializers.CharField()
    namespace = serializers.CharField()
    manager = serializers.CharField()
    fields = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]  # the contract's word


class ReleaseProgressSerializer(serializers.Serializer[Any]):
    phase = serializers.CharField(required=False)
    percent = serializers.IntegerField(required=False)
    message = serializers.CharField(required=False)


class ReleaseListSerializer(serializers.ModelSerializer[Release]):
    release_id = serializers.IntegerField(source="pk", read_only=True)
    lifecycle_state = serializers.SerializerMethodField()
    reason_code = serializers.SerializerMethodField()
    service = NamedSerializer(read_only=True)
    target = TargetRefSerializer(read_only=True)
    project = NamedSerializer(read_only=True)
    environment = EnvironmentRefSerializer(read_only=True)
    revision = RevisionRefSerializer(read_only=True)
    risk = serializers.SerializerMethodField()
    progress = ReleaseProgressSerializer(read_only=True)
    approval_required = serializers.SerializerMethodField()
    source_release_id = serializers.IntegerField(read_only=True, allow_null=True)
    rollback_of = serializers.IntegerField(source="rollback_of_id", read_only=True, allow_null=True)
    rolled_back_by = serializers.SerializerMethodField()
    requested_by = serializers.CharField(source="requested_by.username", read_only=True)
    duration_ms = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = Release
        fields = [
            "id",
            "release_id",
            "kind",
            "status",
            "lifecycle_state",
            "reason_code",
            "service",
            "target",
            "project",
            "environment",
            "runtime_type",
            "strategy",
            "force_conflicts",
            "revision",
            "context_hash",
            "approval_required",
            "approval_ticket",
            "risk",
            "progress",
            "source_release_id",
            "rollback_of",
            "rolled_back_by",
            "requested_by",
            "source",
            "created_at",
            "start_after",
            "applied_at",
            "finished_at",
            "duration_ms",
        ]
        read_only_fields = fields

    @extend_schema_field(RiskSerializer)
    def get_risk(self, release: Release) -> dict[str, Any]:
        """Rows of the older system may have none."""
        risk: dict[str, Any] = {"level": RiskLevel.LOW, "reasons": []} | release.risk
        return risk

    def get_reason_code(self, release: Release) -> str:
        known = release.status in STATES or release.status in HISTORICAL
        return release.reason_code or ("" if known else "legacy_status_unknown")

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_lifecycle_state(self, release: Release) -> str:
        return canonical(release.status)

    def get_approval_required(self, release: Release) -> bool:
        return bool(release.approval_ticket)

    def get_rolled_back_by(self, release: Release) -> int | None:
        done = ("applied", "rollback")  # in the second state it was undone itself, later
        return next((r.pk for r in release.rollbacks.all() if canonical(r.status) in done), None)


class ReleaseSerializer(ReleaseListSerializer):
    variables = serializers.DictField(child=serializers.CharField(), read_only=True)
    checks = CheckSerializer(many=True, read_only=True)
    warnings = serializers.ListField(child=serializers.CharField(), read_only=True)
    diff = serializers.SerializerMethodField()
    images = ImageSerializer(many=True, read_only=True)
    conflicts = ConflictSerializer(many=True, read_only=True)
    preview_ref = serializers.SerializerMethodField()
    approval_status = serializers.SerializerMethodField()
    diagnostics_json = serializers.DictField(read_only=True, allow_null=True)

    class Meta(ReleaseListSerializer.Meta):
        fields = [
            *ReleaseListSerializer.Meta.fields,
            "variables",
            "resolved_manifest",
            "preview_ref",
            "preview_expires_at",
            "approval_status",
            "checks",
            "warnings",
            "diff",
            "images",
            "conflicts",
            "diagnostics_json",
            "reason",
        ]
        read_only_fields = fields

    @extend_schema_field(DiffSerializer)
    def get_diff(self, release: Release) -> dict[str, Any]:
        """Rows of the older system may have none."""
        none = dict.fromkeys((*DIFF_ACTIONS, "unchanged"), 0)
        summary = none | release.diff.get("summary", {})
        return {"summary": summary, "resources": release.diff.get("resources", [])}

    def get_preview_ref(self, release: Release) -> str | None:
        """Shown to those who may apply."""
        rows = Release.objects.filter(pk=release.pk)
        user = self.context["request"].user
        return release.preview_ref if visible_to(rows, user, "release_apply").exists() else None

    def get_approval_required(self, release: Release) -> bool:
        """Asked for, or, while it is a preview, will be."""
        if release.approval_ticket or canonical(release.status) != "preview":
            return bool(release.approval_ticket)
        action = "rollback" if release.kind == "rollback" else "apply"
        policy = policy_for(release.project, release.environment.tier, action)
        return bool(policy and policy.required_approvals)

    def get_approval_status(self, release: Release) -> str | None:
        return ticket_status(release.approval_ticket)
