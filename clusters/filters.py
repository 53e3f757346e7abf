from __future__ import annotations

import django_filters as filters

from clusters.models import Cluster, ClusterSource, ClusterStatus
from config.core.api.filters import IdFilter


class ClusterFilter(filters.FilterSet):
    project = IdFilter(field_name="project_id")
    status = filters.ChoiceFilter(choices=ClusterStatus.choices)
    source = filters.ChoiceFilter(choices=ClusterSource.choices)
    q = filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = Cluster
        fields: list[str] = []
