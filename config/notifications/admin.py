"""Channels and deliveries to look at: neither URLs nor secrets are on any page."""

from __future__ import annotations

from django.contrib import admin

from config.core.admin import ReadOnlyAdmin
from config.notifications.models import Channel, Delivery


@admin.register(Channel)
class ChannelAdmin(ReadOnlyAdmin):
    list_display = ("name", "project", "kind", "address", "enabled", "created_at")
    list_filter = ("kind", "enabled")
    exclude = ("url", "signing_secret")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("delivery_id", "channel", "event", "status", "attempts", "last_error")
    list_filter = ("status",)
    list_select_related = ("channel", "event")
