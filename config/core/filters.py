from __future__ import annotations

import django_filters as filters

from config.core.api.filters import IdFilter, TimeFilter
from config.core.models import TimelineEvent


class EventFilter(filters.FilterSet):
    resource_type = filters.CharFilter()
    resource_id = IdFilter()
    project = IdFilter(field_name="project_id")
    action = filters.CharFilter()
    actor = filters.CharFilter()
    since = TimeFilter(field_name="occurred_at", lookup_expr="gte")

    class Meta:
        model = TimelineEvent
        fields: list[str] = []
