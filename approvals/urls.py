from rest_framework.routers import SimpleRouter

from approvals.views import InboxViewSet, PolicyViewSet

router = SimpleRouter(trailing_slash=False)
router.register("inbox", InboxViewSet, basename="inbox")
router.register("policies", PolicyViewSet, basename="policy")
urlpatterns = router.urls
