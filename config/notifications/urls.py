from rest_framework.routers import SimpleRouter

from config.notifications.views import ChannelViewSet

router = SimpleRouter(trailing_slash=False)
router.register(r"projects/(?P<project_pk>\d+)/notifications", ChannelViewSet, basename="channel")
urlpatterns = router.urls
