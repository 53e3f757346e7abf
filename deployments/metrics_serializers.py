"""Shapes of the metrics: what is asked for, and the figures."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from config.core.api.views import StrictSerializer
from deployments.release_serializers import NamedSerializer

LONGEST_DAYS = 365
_LARGEST_ID = 2**63 - 1


class WindowField(serializers.RegexField):
    """`30d`, as a number of days."""

    default_error_messages = {"invalid": f"Days, from 1d to {LONGEST_DAYS}d."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("^[1-9][0-9]{0,2}d$", **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> int:
        days = int(super().run_validation(data).removesuffix("d"))
        if days > LONGEST_DAYS:
            raise ValidationError(self.error_messages["invalid"])
        return days


class MetricsQuery(StrictSerializer):
    project = serializers.IntegerField(required=False, min_value=1, max_value=_LARGEST_ID)
    service = serializers.IntegerField(required=False, min_value=1, max_value=_LARGEST_ID)
    window = WindowField(default="30d", help_text="Whole UTC days, today among them: 1d to 365d.")


class WindowSerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()


class FiguresSerializer(serializers.Serializer[Any]):
    """Null where there is nothing to tell from."""

    deployments = serializers.IntegerField()
    deployments_per_day = serializers.FloatField()
    rollbacks = serializers.IntegerField()
    changes = serializers.IntegerField(help_text="Releases of kind deploy that ran to an end.")
    failures = serializers.IntegerField()
    change_failure_rate = serializers.FloatField(allow_null=True)
    lead_time_median_seconds = serializers.FloatField(allow_null=True)
    lead_time_p90_seconds = serializers.FloatField(allow_null=True)
    time_to_restore_median_seconds = serializers.FloatField(allow_null=True)


class ServiceFiguresSerializer(FiguresSerializer):
    service = NamedSerializer()


class DaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    deployments = serializers.IntegerField()
    failures = serializers.IntegerField()


class MetricsSerializer(serializers.Serializer[Any]):
    window = WindowSerializer()
    totals = FiguresSerializer()
    by_service = ServiceFiguresSerializer(many=True)
    series = DaySerializer(many=True)
