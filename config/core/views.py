"""Endpoints of the core: who am I, projects, teams, users, roles, tokens, the timeline, health."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect, ensure_csrf_cookie
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from config.core import health, services, timeline
from config.core.api.views import ListMixin, ScopedViewSet
from config.core.errors import NotAuthenticated
from config.core.filters import EventFilter
from config.core.models import APIToken, Project, RoleGrant, Source, Team, TimelineEvent, User
from config.core.permissions import fetch, permissions_by_project, require_admin
from config.core.serializers import (
    EventSerializer,
    IssuedTokenSerializer,
    LoginInput,
    MeSerializer,
    ProjectSerializer,
    RoleGrantInput,
    RoleGrantSerializer,
    TeamSerializer,
    TokenInput,
    TokenSerializer,
    UserInput,
    UserSerializer,
)
from config.core.timeline import Actor


def _me(user: User) -> dict[str, Any]:
    permissions = permissions_by_project(user)
    projects = list(Project.objects.filter(pk__in=permissions))
    for project in projects:
        project.permissions = permissions[project.pk]  # type: ignore[attr-defined]
    teams = Team.objects.filter(user=user).prefetch_related("user_set")
    return dict(MeSerializer({"user": user, "teams": teams, "projects": projects}).data)


class MeView(APIView):
    """Who the caller is. Sets the CSRF cookie, also when it answers 401."""

    permission_classes = [AllowAny]

    @method_decorator(ensure_csrf_cookie)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(request, *args, **kwargs)

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        if not isinstance(request.user, User):
            raise NotAuthenticated
        return Response(_me(request.user))


@method_decorator(csrf_protect, name="dispatch")
class LoginView(APIView):
    """Opens a session. Guarded by CSRF and by rate, which DRF alone does only for the signed-in."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "login"

    @extend_schema(request=LoginInput, responses=MeSerializer)
    def post(self, request: Request) -> Response:
        data = LoginInput(data=request.data)
        data.is_valid(raise_exception=True)
        user = authenticate(request._request, **data.validated_data)
        if not isinstance(user, User):
            named = User.objects.filter(username=data.validated_data["username"]).first()
            if named:
                timeline.record("auth.login_failed", named, actor=Actor(None, Source.UI))
            raise NotAuthenticated("Wrong user name or password.")
        login(request._request, user)
        timeline.record("auth.login", user, actor=Actor(user, Source.UI))
        get_token(request._request)
        return Response(_me(user))


class LogoutView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=204)


class ProjectViewSet(ListMixin, ScopedViewSet):
    queryset = Project.objects.all()
    serializer_class = ProjectSerializer
    read_permission = "release_read"

    def create(self, request: Request) -> Response:
        return self.answer(
            services.create_project(actor=self.actor, **self.valid(ProjectSerializer)), 201
        )

    def retrieve(self, request: Request, pk: str) -> Response:
        return self.answer(self.get_object())

    def partial_update(self, request: Request, pk: str) -> Response:
        project = self.get_object()
        fields = self.valid(ProjectSerializer, partial=True, instance=project)
        return self.answer(services.update_project(project, actor=self.actor, **fields))


class RoleViewSet(ListMixin, ScopedViewSet):
    """Roles on a project; given and taken by those with `project_manage` on it."""

    queryset = RoleGrant.objects.select_related("scope_type")
    serializer_class = RoleGrantSerializer
    read_permission = "project_manage"

    def get_queryset(self) -> QuerySet[RoleGrant]:
        return super().get_queryset().filter(project=self._project())

    @extend_schema(request=RoleGrantInput)
    def create(self, request: Request, project_pk: str) -> Response:
        project = self._project()
        fields = self.valid(RoleGrantInput)
        return self.answer(services.grant_role(project, actor=self.actor, **fields), 201)

    def destroy(self, request: Request, project_pk: str, pk: str) -> Response:
        grant = fetch(
            RoleGrant.objects.filter(project=self._project()),
            request.user,
            self.read_permission,
            pk=pk,
        )
        services.revoke_role(grant, actor=self.actor)
        return Response(status=204)

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if "project_pk" in self.kwargs:
            context["project"] = self._project()
        return context

    def _project(self) -> Project:
        return fetch(
            Project.objects.all(),
            self.request.user,
            "release_read",
            pk=self.kwargs.get("project_pk"),
        )


class AdminListViewSet(ListMixin, ScopedViewSet):
    """Lists for everyone signed in, writes for platform admins: names are not secret inside."""

    def get_queryset(self) -> QuerySet[Any]:
        return super(ScopedViewSet, self).get_queryset()


class TeamViewSet(AdminListViewSet):
    queryset = Team.objects.prefetch_related("user_set")
    serializer_class = TeamSerializer

    def create(self, request: Request) -> Response:
        require_admin(request.user)
        fields = self.valid(TeamSerializer)
        members = fields.pop("user_set")
        return self.answer(services.create_team(actor=self.actor, members=members, **fields), 201)


class UserViewSet(AdminListViewSet):
    queryset = User.objects.all()
    serializer_class = UserSerializer

    @extend_schema(request=UserInput)
    def create(self, request: Request) -> Response:
        require_admin(request.user)
        return self.answer(services.create_user(actor=self.actor, **self.valid(UserInput)), 201)


class TokenViewSet(AdminListViewSet):
    """One's own tokens; admins see everybody's."""

    queryset = APIToken.objects.all()
    serializer_class = TokenSerializer

    def get_queryset(self) -> QuerySet[APIToken]:
        rows: QuerySet[APIToken] = super().get_queryset()
        user = self.request.user
        if isinstance(user, User) and user.token and user.token.project_id:
            rows = rows.filter(project_id=user.token.project_id)
        if isinstance(user, User) and user.is_superuser:
            return rows
        return rows.filter(user_id=user.pk)

    @extend_schema(request=TokenInput, responses={201: IssuedTokenSerializer})
    def create(self, request: Request) -> Response:
        token, key = services.create_token(actor=self.actor, **self.valid(TokenInput))
        return Response(IssuedTokenSerializer(token, context={"key": key}).data, status=201)

    def destroy(self, request: Request, pk: str) -> Response:
        token = get_object_or_404(self.get_queryset(), pk=pk)
        services.revoke_token(token, actor=self.actor)
        return Response(status=204)


class EventViewSet(ListMixin, ScopedViewSet):
    """The timeline. What belongs to no project is the platform's, and admins'."""

    queryset = TimelineEvent.objects.all()
    serializer_class = EventSerializer
    filterset_class = EventFilter
    read_permission = "release_read"


def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"ok": True})


def readyz(request: HttpRequest) -> JsonResponse:
    """Can this process do its work: 503 with the names of what is away."""
    checks = health.readiness()
    ok = all(checks.values())
    return JsonResponse({"ok": ok, "checks": checks}, status=200 if ok else 503)


def spa(request: HttpRequest, page: Path) -> HttpResponse | FileResponse:
    """The SPA's page for every path that is its own business; it and what it loads were collected
    together, so a build that is under way breaks nothing."""
    if not page.is_file():
        text = "The SPA is not built: run `make frontend`. The API is at /api/v1/docs."
        return HttpResponse(text, status=503, content_type="text/plain")
    response = FileResponse(page.open("rb"), content_type="text/html")
    response["Cache-Control"] = "no-cache"
    return response
