from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet

from approvals.inbox import matching
from approvals.models import ApprovalInboxItem, ItemStatus, PolicyAction, Priority
from config.core.api.filters import IdFilter
from config.core.models import Source
from config.core.risk import RiskLevel

Items = QuerySet[ApprovalInboxItem]


class InboxFilter(filters.FilterSet):
    # The scope decides which rows are looked at, before any filter (inbox.inbox).
    scope = filters.ChoiceFilter(
        choices=[(name, name) for name in ("mine", "pending", "all")], method="unchanged"
    )
    project = IdFilter(field_name="project_id")
    team = IdFilter(field_name="team_id")
    environment = IdFilter(field_name="environment_id")
    risk = filters.ChoiceFilter(choices=RiskLevel.choices)
    priority = filters.ChoiceFilter(choices=Priority.choices)
    status = filters.ChoiceFilter(choices=ItemStatus.choices)
    subject_type = filters.CharFilter()
    action = filters.ChoiceFilter(choices=PolicyAction.choices)
    source = filters.ChoiceFilter(choices=Source.choices)
    assigned_to = IdFilter(field_name="assigned_to_id")
    requested_by = IdFilter(field_name="requested_by_id")
    break_glass = filters.BooleanFilter(field_name="broke_glass")
    q = filters.CharFilter(method="search")

    class Meta:
        model = ApprovalInboxItem
        fields: list[str] = []

    def unchanged(self, rows: Items, name: str, value: str) -> Items:
        return rows

    def search(self, rows: Items, name: str, value: str) -> Items:
        return rows.filter(matching(value))
