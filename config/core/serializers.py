"""Shapes of the core's endpoints."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.apps import apps
from rest_framework import serializers

from config.core.api.fields import VisibleField
from config.core.api.views import StrictModelSerializer, StrictSerializer
from config.core.errors import ValidationFailed
from config.core.models import (
    APIToken,
    Project,
    RoleGrant,
    Source,
    Team,
    TimelineEvent,
    TokenScope,
    User,
)
from config.core.roles import NAMES


class UserSerializer(serializers.ModelSerializer[User]):
    owner_id = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = User
        fields = ["id", "username", "email", "is_bot", "owner_id", "is_active", "is_superuser"]
        read_only_fields = fields


class UserInput(StrictSerializer):
    username = serializers.RegexField(r"^[\w.@+-]+\Z", max_length=150)
    email = serializers.EmailField(required=False, default="", allow_blank=True)
    password = serializers.CharField(required=False, default="", max_length=128)
    is_bot = serializers.BooleanField(default=False)
    owner_id = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True, is_bot=False), required=False, source="owner"
    )

    def validate_username(self, value: str) -> str:
        if User.objects.filter(username=value).exists():
            raise serializers.ValidationError("This name is taken.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("owner") and not attrs["is_bot"]:
            raise serializers.ValidationError({"owner_id": ["Only a bot has an owner."]})
        return attrs


class TeamSerializer(StrictModelSerializer[Team]):
    members: serializers.PrimaryKeyRelatedField[User] = serializers.PrimaryKeyRelatedField(
        source="user_set", many=True, queryset=User.objects.all()
    )

    class Meta:
        model = Team
        fields = ["id", "name", "slug", "members"]


class ProjectSerializer(StrictModelSerializer[Project]):
    team_id = serializers.PrimaryKeyRelatedField(
        source="team", queryset=Team.objects.all(), required=False, allow_null=True
    )

    class Meta:
        model = Project
        fields = ["id", "name", "slug", "team_id", "created_at"]


class RoleGrantSerializer(serializers.ModelSerializer[RoleGrant]):
    user_id = serializers.IntegerField(read_only=True, allow_null=True)
    team_id = serializers.IntegerField(read_only=True, allow_null=True)
    environment_id = serializers.SerializerMethodField()
    target_id = serializers.SerializerMethodField()

    class Meta:
        model = RoleGrant
        fields = ["id", "role", "user_id", "team_id", "environment_id", "target_id", "created_at"]
        read_only_fields = fields

    def get_environment_id(self, grant: RoleGrant) -> int | None:
        return grant.scope_id if grant.scope_type.model == "environment" else None

    def get_target_id(self, grant: RoleGrant) -> int | None:
        return grant.scope_id if grant.scope_type.model == "deploymenttarget" else None


class RoleGrantInput(StrictSerializer):
    """Exactly one of `user_id` and `team_id`; at most one of `environment_id` and `target_id`."""

    role = serializers.ChoiceField(choices=NAMES)
    user_id = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), required=False
    )
    team_id = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all(), required=False)
    environment_id = serializers.IntegerField(required=False, min_value=1)
    target_id = serializers.IntegerField(required=False, min_value=1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("user_id" in attrs) == ("team_id" in attrs):
            raise serializers.ValidationError({"user_id": ["Give a user_id or a team_id."]})
        if "environment_id" in attrs and "target_id" in attrs:
            raise serializers.ValidationError(
                {"target_id": ["An environment or a target, not both."]}
            )
        project: Project = self.context["project"]
        scope: Any = project
        for field, label in (
            ("environment_id", "environments.Environment"),
            ("target_id", "deployments.DeploymentTarget"),
        ):
            if field in attrs:
                # By name: the core lies below the apps whose rows roles are given on.
                rows = apps.get_model(label)._default_manager
                scope = rows.filter(pk=attrs[field], project=project).first()
                if scope is None:
                    raise ValidationFailed(fields={field: ["No such object in this project."]})
        return {
            "role": attrs["role"],
            "holder": attrs.get("user_id") or attrs.get("team_id"),
            "scope": scope,
        }


class TokenSerializer(serializers.ModelSerializer[APIToken]):
    user_id = serializers.IntegerField(read_only=True)
    project_id = serializers.IntegerField(read_only=True, allow_null=True)
    prefix = serializers.CharField(source="token_key", read_only=True)
    expires_at = serializers.DateTimeField(source="expiry", read_only=True)
    created_at = serializers.DateTimeField(source="created", read_only=True)
    allowed_networks = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = APIToken
        fields = [
            "id",
            "name",
            "scope",
            "user_id",
            "project_id",
            "allowed_networks",
            "prefix",
            "created_at",
            "expires_at",
        ]
        read_only_fields = fields


class IssuedTokenSerializer(TokenSerializer):
    token = serializers.SerializerMethodField(help_text="Shown this once.")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]
        read_only_fields = fields

    def get_token(self, token: APIToken) -> str:
        return str(self.context["key"])


class TokenInput(StrictSerializer):
    name = serializers.CharField(max_length=200)
    scope = serializers.ChoiceField(choices=TokenScope.choices, default=TokenScope.WRITE)
    user_id = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), required=False, source="user"
    )
    project_id = VisibleField(
        queryset=Project.objects.all(), permission="release_read", required=False, source="project"
    )
    allowed_networks = serializers.ListField(
        child=serializers.CharField(max_length=64), required=False, max_length=50
    )
    expires_at = serializers.DateTimeField(required=False)

    def validate_allowed_networks(self, value: list[str]) -> list[str]:
        try:
            return [str(ipaddress.ip_network(network)) for network in value]
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


class EventSerializer(serializers.ModelSerializer[TimelineEvent]):
    detail = serializers.DictField(read_only=True)
    source = serializers.ChoiceField(choices=Source.choices, read_only=True)  # type: ignore[assignment]  # the contract's word

    class Meta:
        model = TimelineEvent
        fields = [
            "event_id",
            "seq",
            "action",
            "resource_type",
            "resource_id",
            "project_id",
            "team_id",
            "environment_id",
            "actor_id",
            "actor",
            "source",
            "status",
            "occurred_at",
            "correlation_id",
            "detail",
        ]
        read_only_fields = fields


class LoginInput(StrictSerializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=128, trim_whitespace=False)


class MemberProjectSerializer(ProjectSerializer):
    permissions = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta(ProjectSerializer.Meta):
        fields = [*ProjectSerializer.Meta.fields, "permissions"]


class MeSerializer(serializers.Serializer[Any]):
    user = UserSerializer()
    teams = TeamSerializer(many=True)
    projects = MemberProjectSerializer(many=True)
