"""Shapes of policies and freezes (contract, "Approvals")."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from approvals.models import ApprovalPolicy, FreezeWindow, PolicyAction, Tier, weekly_windows
from approvals.weekly import DAYS, TIME
from config.core.api.fields import VisibleField
from config.core.api.views import StrictModelSerializer, StrictSerializer
from config.core.models import Project
from config.core.risk import Rule


class ProjectOrAllField(VisibleField):
    """A project by its id; null, or nothing: all projects."""

    def __init__(self, **kwargs: Any) -> None:
        defaults = {"source": "project", "permission": "release_read", "default": None}
        super().__init__(
            queryset=Project.objects.all(), required=False, allow_null=True, **defaults | kwargs
        )


class PolicySerializer(StrictModelSerializer[ApprovalPolicy]):
    project_id = ProjectOrAllField()
    forbids = serializers.ListField(
        child=serializers.ChoiceField(choices=Rule.choices), required=False
    )

    class Meta:
        model = ApprovalPolicy
        fields = [
            "id",
            "project_id",
            "tier",
            "action",
            "required_approvals",
            "expires_minutes",
            "prevent_self_approval",
            "exclude_authors",
            "priority",
            "auto_apply",
            "forbids",
            "enabled",
        ]


class WeeklyWindowSerializer(serializers.Serializer[Any]):
    """What the document says of one; `approvals.weekly.parse` is what checks it."""

    days = serializers.ListField(
        child=serializers.ChoiceField(choices=[(day, day) for day in DAYS]), allow_empty=False
    )
    start = serializers.RegexField(f"^{TIME}$")
    end = serializers.RegexField(f"^{TIME}$", help_text="Not after the start: the next day's.")
    time_zone = serializers.CharField(help_text="An IANA name, as Europe/Berlin.")


@extend_schema_field(WeeklyWindowSerializer(many=True))
class WeeklyField(serializers.JSONField):
    """Weekly windows, as they were sent."""


class FreezeSerializer(StrictModelSerializer[FreezeWindow]):
    project_id = ProjectOrAllField()
    weekly = WeeklyField(required=False, validators=[weekly_windows])

    class Meta:
        model = FreezeWindow
        fields = [
            "id",
            "project_id",
            "tier",
            "reason",
            "starts_at",
            "ends_at",
            "weekly",
            "enabled",
            "created_at",
        ]


class EffectiveQuery(StrictSerializer):
    project = VisibleField(queryset=Project.objects.all(), permission="release_read")
    tier = serializers.ChoiceField(choices=Tier.choices)
    action = serializers.ChoiceField(choices=PolicyAction.choices)


class EffectiveSerializer(serializers.Serializer[Any]):
    """`eligible`: people who may review in the project; whoever asks is one less. `overruled`: what
    would hold without the policy that decides."""

    policy = PolicySerializer(allow_null=True)
    reason = serializers.CharField()
    required_approvals = serializers.IntegerField()
    forbids = serializers.ListField(child=serializers.ChoiceField(choices=Rule.choices))
    eligible = serializers.IntegerField()
    satisfiable = serializers.BooleanField()
    overruled = PolicySerializer(many=True)
