"""Shapes of the inbox (contract, "Approvals")."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from approvals.inbox import reviewable
from approvals.models import ApprovalInboxAction, ApprovalInboxItem, ItemStatus
from approvals.registry import handler_of
from approvals.reviewers import stranded
from config.core.api.views import StrictSerializer
from config.core.models import User
from config.core.permissions import allowed

SHOWN: Final = 200  # actions of a ticket


class InboxActionSerializer(serializers.ModelSerializer[ApprovalInboxAction]):
    actor = serializers.CharField(source="actor.username", default="system", read_only=True)

    class Meta:
        model = ApprovalInboxAction
        fields = ["id", "verb", "actor", "comment", "created_at"]


class InboxListSerializer(serializers.ListSerializer[Any]):
    """Asks once for the whole page what of it its caller may decide."""

    def to_representation(self, data: Any) -> list[Any]:
        items = list(data)
        user = self.context["request"].user
        open_ = [i.pk for i in items if i.status == ItemStatus.PENDING and not i.is_overdue]
        mine: set[int] = set()
        if open_:
            mine.update(reviewable(user).filter(pk__in=open_).values_list("pk", flat=True))
        for item in items:
            item.can_review = item.pk in mine
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
            "tier",
            "apply_at",
            "freeze_override",
            "broke_glass",
            "reason_code",
            "legacy_reference",
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


class StrandedSerializer(serializers.Serializer[Any]):
    """Fewer people could still vote than votes are missing: somebody has to give more the right."""

    missing = serializers.IntegerField()
    eligible = serializers.IntegerField()


class InboxDetailSerializer(InboxItemSerializer):
    actions = serializers.SerializerMethodField()
    subject = serializers.SerializerMethodField()
    stranded = serializers.SerializerMethodField()
    may_break_glass = serializers.SerializerMethodField()

    class Meta(InboxItemSerializer.Meta):
        list_serializer_class = serializers.ListSerializer  # type: ignore[assignment]  # one, not a page
        fields = [
            *InboxItemSerializer.Meta.fields,
            "actions",
            "subject",
            "stranded",
            "may_break_glass",
        ]
        read_only_fields = fields

    @extend_schema_field(InboxActionSerializer(many=True))
    def get_actions(self, item: ApprovalInboxItem) -> Any:
        """In order; of a long story its end."""
        newest = item.actions.select_related("actor").order_by("-pk")[:SHOWN]
        return InboxActionSerializer(list(newest)[::-1], many=True).data

    @extend_schema_field(SubjectSerializer)
    def get_subject(self, item: ApprovalInboxItem) -> dict[str, Any]:
        return handler_of(item.subject_type).describe(item.subject_id)

    @extend_schema_field(StrandedSerializer(allow_null=True))
    def get_stranded(self, item: ApprovalInboxItem) -> dict[str, int] | None:
        return stranded(item)

    def get_may_break_glass(self, item: ApprovalInboxItem) -> bool:
        user = self.context["request"].user
        waits = item.status == ItemStatus.PENDING and not item.is_overdue
        return waits and not user.is_bot and allowed(user, "approval_break_glass", item)


class ApproveInput(StrictSerializer):
    comment = serializers.CharField(required=False, default="", allow_blank=True, max_length=4000)
    apply_at = serializers.DateTimeField(
        required=False, help_text="Not before then; at most a year from now."
    )
    freeze_override = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=4000,
        help_text="Why this can't wait until a freeze ends; takes project_manage, and is recorded.",
    )


class BreakGlassInput(StrictSerializer):
    reason = serializers.CharField(max_length=4000)


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
    break_glass = serializers.IntegerField(help_text="How often glass was broken.")
    counted_to = serializers.IntegerField(
        help_text="Where counting ends, of all but what is pending."
    )


class BulkInput(StrictSerializer):
    tickets = serializers.ListField(
        child=serializers.RegexField(r"^APR-[0-9]{6,18}\Z"), allow_empty=False, max_length=100
    )
    decision = serializers.ChoiceField(choices=["approve", "reject"])
    comment = serializers.CharField(required=False, default="", allow_blank=True, max_length=4000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["decision"] == "reject" and not attrs["comment"].strip():
            raise serializers.ValidationError({"comment": ["Say why."]})
        return attrs


class BulkErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    data = serializers.DictField()  # type: ignore[assignment]  # the contract's word


class BulkTicketSerializer(serializers.Serializer[Any]):
    ticket = serializers.CharField()
    ok = serializers.BooleanField()
    status = serializers.ChoiceField(choices=ItemStatus.choices, allow_null=True)
    error = BulkErrorSerializer(allow_null=True)


class BulkResultSerializer(serializers.Serializer[Any]):
    results = BulkTicketSerializer(many=True)
