from rest_framework.routers import SimpleRouter

from approvals.governance_views import FreezeViewSet, PolicyViewSet
from approvals.views import InboxViewSet

router = SimpleRouter(trailing_slash=False)
router.register("inbox", InboxViewSet, basename="inbox")
router.register("policies", PolicyViewSet, basename="policy")
router.register("freezes", FreezeViewSet, basename="freeze")
urlpatterns = router.urls
