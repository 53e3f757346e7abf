"""`GET /deploy/metrics/summary`: how well releasing goes."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.api.authentication import actor_of
from deployments import metrics
from deployments.metrics_serializers import MetricsQuery, MetricsSerializer


class MetricsSummaryView(APIView):
    @extend_schema(parameters=[MetricsQuery], responses=MetricsSerializer)
    def get(self, request: Request) -> Response:
        """Deployment frequency, lead time, change failure rate, time to restore; day by day."""
        query = MetricsQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        found = metrics.summary(
            actor_of(request).person,
            days=wanted["window"],
            project=wanted.get("project"),
            service=wanted.get("service"),
        )
        return Response(MetricsSerializer(found).data)
