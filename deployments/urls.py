from django.urls import path
from rest_framework.routers import SimpleRouter

from deployments.metrics_views import MetricsSummaryView
from deployments.release_views import ReleaseViewSet, release_stream
from deployments.views import RevisionViewSet, ServiceViewSet, TargetViewSet

router = SimpleRouter(trailing_slash=False)
router.register("services", ServiceViewSet, basename="service")
router.register(r"services/(?P<service_pk>\d+)/revisions", RevisionViewSet, basename="revision")
router.register("targets", TargetViewSet, basename="target")
router.register("releases", ReleaseViewSet, basename="release")

urlpatterns = [
    path("metrics/summary", MetricsSummaryView.as_view()),
    path("releases/<int:pk>/logs/stream", release_stream),
    *router.urls,
]
