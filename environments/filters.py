from __future__ import annotations

import django_filters as filters

from approvals.models import Tier
from config.core.api.filters import IdFilter
from environments.models import Bastion, Environment, EnvironmentStatus, RuntimeType, SSHCredential


class EnvironmentFilter(filters.FilterSet):
    project = IdFilter(field_name="project_id")
    tier = filters.ChoiceFilter(choices=Tier.choices)
    status = filters.ChoiceFilter(choices=EnvironmentStatus.choices)
    runtime_type = filters.ChoiceFilter(choices=RuntimeType.choices)
    q = filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = Environment
        fields: list[str] = []


class CredentialFilter(filters.FilterSet):
    project = IdFilter(field_name="project_id")

    class Meta:
        model = SSHCredential
        fields: list[str] = []


class BastionFilter(filters.FilterSet):
    project = IdFilter(field_name="project_id")

    class Meta:
        model = Bastion
        fields: list[str] = []
