from rest_framework.routers import SimpleRouter

from approvals.views import FreezeViewSet, InboxViewSet, PolicyViewSet

router = SimpleRouter(trailing_slash=False)
router.register("inbox", InboxViewSet, basename="inbox")
router.register("policies", PolicyViewSet, basename="policy")
router.register("freezes", FreezeViewSet, basename="freeze")
urlpatterns = router.urls
