"""Shapes of a project's notification channels and their deliveries."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.core.api.views import StrictSerializer
from config.core.models import Project
from config.core.secrets import Secret
from config.notifications.models import (
    Channel,
    ChannelKind,
    Delivery,
    DeliveryStatus,
    NotificationEvent,
)

_LONGEST_URL = 2000


class ChannelSerializer(serializers.ModelSerializer[Channel]):
    """Never the URL, which holds tokens: `address` is what of it may be seen."""

    kind = serializers.ChoiceField(choices=ChannelKind.choices, read_only=True)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=NotificationEvent.choices), read_only=True
    )

    class Meta:
        model = Channel
        fields = ["id", "name", "kind", "address", "events", "enabled", "created_at"]
        read_only_fields = fields


class CreatedChannelSerializer(ChannelSerializer):
    signing_secret = serializers.SerializerMethodField(
        help_text="Of a webhook, shown this once; for others empty."
    )

    class Meta(ChannelSerializer.Meta):
        fields = [*ChannelSerializer.Meta.fields, "signing_secret"]
        read_only_fields = fields

    def get_signing_secret(self, channel: Channel) -> str:
        secret: Secret = self.context["secret"]
        return secret.reveal()


class ChannelPatch(StrictSerializer):
    """Context: `project`, and `channel` where one is changed."""

    name = serializers.CharField(max_length=63)
    url = serializers.CharField(max_length=_LONGEST_URL, write_only=True)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=NotificationEvent.choices),
        max_length=len(NotificationEvent),
    )
    enabled = serializers.BooleanField(required=False)

    def validate_name(self, value: str) -> str:
        project: Project = self.context["project"]
        others = Channel.objects.filter(project=project, name=value)
        if channel := self.context.get("channel"):
            others = others.exclude(pk=channel.pk)
        if others.exists():
            raise serializers.ValidationError("This name is taken.")
        return value

    def validate_url(self, value: str) -> Secret:
        return Secret(value)

    def validate_events(self, value: list[str]) -> list[str]:
        return [event for event in NotificationEvent.values if event in value]


class ChannelInput(ChannelPatch):
    kind = serializers.ChoiceField(choices=ChannelKind.choices)


class SigningSecretSerializer(serializers.Serializer[Any]):
    signing_secret = serializers.CharField(help_text="Shown this once.")


class TriedSerializer(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    error = serializers.CharField(allow_blank=True, help_text="Why it was not sent.")


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    event_id = serializers.UUIDField(source="event.event_id", read_only=True)
    event = serializers.CharField(source="event.action", read_only=True)
    status = serializers.ChoiceField(choices=DeliveryStatus.choices, read_only=True)

    class Meta:
        model = Delivery
        fields = [
            "id",
            "delivery_id",
            "event_id",
            "event",
            "status",
            "attempts",
            "next_attempt_at",
            "last_error",
            "created_at",
            "sent_at",
        ]
        read_only_fields = fields
