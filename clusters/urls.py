from rest_framework.routers import SimpleRouter

from clusters.views import ClusterViewSet

router = SimpleRouter(trailing_slash=False)
router.register("clusters", ClusterViewSet, basename="cluster")

urlpatterns = router.urls
