from django.urls import path
from rest_framework.routers import SimpleRouter

from environments.install_views import InstallViewSet, TaskViewSet, task_stream
from environments.views import (
    BastionViewSet,
    BundleListView,
    BundleVerifyView,
    BundleView,
    CredentialViewSet,
    EnvironmentViewSet,
    NodeViewSet,
)
from environments.vip_views import VipViewSet

router = SimpleRouter(trailing_slash=False)
router.register("environments/bastions", BastionViewSet, basename="bastion")
router.register("environments/credentials", CredentialViewSet, basename="credential")
router.register(r"environments/(?P<environment_pk>\d+)/nodes", NodeViewSet, basename="node")
router.register(
    r"environments/(?P<environment_pk>\d+)/install/tasks", TaskViewSet, basename="install-task"
)
router.register("environments", EnvironmentViewSet, basename="environment")

urlpatterns = [
    path("environments/bundles", BundleListView.as_view()),
    path("environments/bundles/<str:name>/<str:version>", BundleView.as_view()),
    path("environments/bundles/<str:name>/<str:version>/verify", BundleVerifyView.as_view()),
    path(
        "environments/<int:environment_pk>/install/preview",
        InstallViewSet.as_view({"post": "preview"}),
    ),
    path(
        "environments/<int:environment_pk>/install/apply", InstallViewSet.as_view({"post": "apply"})
    ),
    path(
        "environments/<int:environment_pk>/lvs-vip/preview", VipViewSet.as_view({"post": "preview"})
    ),
    path("environments/<int:environment_pk>/lvs-vip/apply", VipViewSet.as_view({"post": "apply"})),
    path("environments/<int:environment_pk>/install/tasks/<int:pk>/logs/stream", task_stream),
    *router.urls,
]
