from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet

from config.core.api.filters import IdFilter, TimeFilter
from config.core.models import Source
from deployments.lifecycle import STATES
from deployments.models import DeploymentTarget, Kind, Release, Service
from deployments.selectors import in_state
from environments.models import RuntimeType


class ServiceFilter(filters.FilterSet):
    project = IdFilter(field_name="project_id")
    runtime_type = filters.ChoiceFilter(choices=RuntimeType.choices)
    q = filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = Service
        fields: list[str] = []


class TargetFilter(filters.FilterSet):
    project = IdFilter(field_name="project_id")
    environment = IdFilter(field_name="environment_id")
    runtime_type = filters.ChoiceFilter(choices=RuntimeType.choices)
    q = filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = DeploymentTarget
        fields: list[str] = []


class ReleaseFilter(filters.FilterSet):
    project = IdFilter(field_name="project_id")
    service = IdFilter(field_name="service_id")
    target = IdFilter(field_name="target_id")
    environment = IdFilter(field_name="environment_id")
    state = filters.ChoiceFilter(choices=[(state, state) for state in STATES], method="in_state")
    kind = filters.ChoiceFilter(choices=Kind.choices)
    runtime_type = filters.ChoiceFilter(choices=RuntimeType.choices)
    source = filters.ChoiceFilter(choices=Source.choices)
    requested_by = IdFilter(field_name="requested_by_id")
    q = filters.CharFilter(method="search")
    since = TimeFilter(field_name="created_at", lookup_expr="gte")
    until = TimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Release
        fields: list[str] = []

    def in_state(self, rows: QuerySet[Release], name: str, value: str) -> QuerySet[Release]:
        return in_state(rows, value)

    def search(self, rows: QuerySet[Release], name: str, value: str) -> QuerySet[Release]:
        return rows.filter(
            Q(service__name__icontains=value)
            | Q(target__name__icontains=value)
            | Q(approval_ticket__iexact=value)
        )
