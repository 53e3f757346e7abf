from django.urls import path
from rest_framework.routers import SimpleRouter

from config.core.views import (
    EventViewSet,
    LoginView,
    LogoutView,
    MeView,
    ProjectViewSet,
    RoleViewSet,
    TeamViewSet,
    TokenViewSet,
    UserViewSet,
)

router = SimpleRouter(trailing_slash=False)
router.register("auth/tokens", TokenViewSet, basename="token")
router.register("projects", ProjectViewSet, basename="project")
router.register(r"projects/(?P<project_pk>\d+)/roles", RoleViewSet, basename="role")
router.register("teams", TeamViewSet, basename="team")
router.register("users", UserViewSet, basename="user")
router.register("events", EventViewSet, basename="event")

urlpatterns = [
    path("auth/me", MeView.as_view()),
    path("auth/login", LoginView.as_view()),
    path("auth/logout", LogoutView.as_view()),
    *router.urls,
]
