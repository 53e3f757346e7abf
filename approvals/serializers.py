"""Shapes of the inbox (contract, "Approvals")."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from approvals.inbox import reviewable
from approvals.models import (
    ApprovalInboxAction,
    ApprovalInboxItem,
    ApprovalPolicy,
    FreezeWindow,
    weekly_windows,
)
from approvals.registry import handler_of
from approvals.weekly import DAYS, TIME
from config.core.api.fields import VisibleField
from config.core.api.views import StrictModelSerializer, StrictSerializer
from config.core.models import Project, User
from config.core.risk import Rule


class InboxActionSerializer(serializers.ModelSerializer[ApprovalInboxAction]):
    actor = serializers.CharField(source="actor.username", default="system", read_only=True)

    class Meta:
        model = ApprovalInboxAction
        fields = ["id", "verb", "actor", "comment", "created_at"]


class InboxListSerializer(serializers.ListSerializer[Any]):
    """Asks once for the whole page what each ticket's caller may decide."""

    def to_representation(self, data: Any) -> list[Any]:
        items = list(data)
        user = self.context["request"].user
        pks = [item.pk for item in items]
        mine = set(reviewable(user).filter(pk__in=pks).values_list("pk", flat=True))
        for item in items:
            item.can_review = item.pk in mine and not item.is_overdue
        return super().to_representation(items)


class InboxItemSerializer(serializers.ModelSerializer[ApprovalInboxItem]):
    ticket = serializers.CharField(read_only=True)
    project_id = serializers.IntegerField(read_only=True)
    team_id = serializers.IntegerField(read_only=True, allow_null=True)
    environment_id = serializers.IntegerField(read_only=True, allow_null=True)
    requested_by = serializers.CharField(source="requested_by.username", read_only=True)
    assigned_to = serializers.CharField(
        source="assigned_to.username", default=None, read_only=True, allow_null=True
    )
    can_review = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()

    class Meta:
        model = ApprovalInboxItem
        list_serializer_class = InboxListSerializer
        fields = [
            "ticket",
            "subject_type",
            "subject_id",
            "action",
            "title",
            "project_id",
            "team_id",
            "environment_id",
            "risk",
            "priority",
            "status",
            "requested_by",
            "source",
            "assigned_to",
            "required_approvals",
            "approvals_count",
            "content_hash",
            "expires_at",
            "created_at",
            "decided_at",
            "can_review",
            "links",
        ]
        read_only_fields = fields

    def get_can_review(self, item: ApprovalInboxItem) -> bool:
        known: bool | None = getattr(item, "can_review", None)
        if known is not None:
            return known
        user = self.context["request"].user
        return not item.is_overdue and reviewable(user).filter(pk=item.pk).exists()

    def get_links(self, item: ApprovalInboxItem) -> dict[str, str]:
        return {
            "self": f"/api/v1/approvals/inbox/{item.ticket}",
            "subject": handler_of(item.subject_type).link(item.subject_id, item.environment_id),
        }


class SubjectSerializer(serializers.Serializer[Any]):
    """What the ticket is about; `risk`, `diff` and `warnings` as the subject's preview had them."""

    summary = serializers.CharField()
    risk = serializers.DictField()
    diff = serializers.DictField()
    warnings = serializers.ListField(child=serializers.CharField())


class InboxDetailSerializer(InboxItemSerializer):
    actions = InboxActionSerializer(many=True, read_only=True)
    subject = serializers.SerializerMethodField()

    class Meta(InboxItemSerializer.Meta):
        list_serializer_class = serializers.ListSerializer  # type: ignore[assignment]  # one, not a page
        fields = [*InboxItemSerializer.Meta.fields, "actions", "subject"]
        read_only_fields = fields

    @extend_schema_field(SubjectSerializer)
    def get_subject(self, item: ApprovalInboxItem) -> dict[str, Any]:
        return handler_of(item.subject_type).describe(item.subject_id)


class ApproveInput(StrictSerializer):
    comment = serializers.CharField(required=False, default="", allow_blank=True, max_length=4000)
    apply_at = serializers.DateTimeField(required=False)


class CommentInput(StrictSerializer):
    comment = serializers.CharField(max_length=4000)


class OptionalCommentInput(StrictSerializer):
    comment = serializers.CharField(required=False, default="", allow_blank=True, max_length=4000)


class AssignInput(StrictSerializer):
    user_id = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), source="user"
    )


class SummarySerializer(serializers.Serializer[Any]):
    status = serializers.DictField(child=serializers.IntegerField())
    risk = serializers.DictField(child=serializers.IntegerField())
    priority = serializers.DictField(child=serializers.IntegerField())
    mine = serializers.IntegerField()


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
