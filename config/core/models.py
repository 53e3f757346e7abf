"""What every domain shares: who acts, in which project, and what happened."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, Group
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from knox.models import AbstractAuthToken

from config.core.fields import EncryptedField
from config.core.roles import MODEL_PERMISSIONS, PARTS_OF_PROJECTS, ROLES


class User(AbstractUser):  # type: ignore[django-manager-missing]  # knox has no types
    """A person, or a bot that a person answers for."""

    is_bot = models.BooleanField(default=False)
    owner = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="bots",
        limit_choices_to={"is_bot": False},
        help_text="Who answers for this bot; never approves what it asks for.",
    )

    # The token this request came with, where it did: its limits are part of what the caller may.
    token: APIToken | None = None

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                name="user_only_bots_have_owners",
                condition=models.Q(is_bot=True) | models.Q(owner__isnull=True),
            ),
        ]


class Team(Group):
    """A group of people; roles given to it are its members'."""

    slug = models.SlugField(unique=True)

    class Meta:
        ordering = ["-pk"]


class Project(models.Model):  # type: ignore[django-manager-missing]  # as above
    name = models.CharField(max_length=200, unique=True)
    slug = models.SlugField(unique=True)
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="projects"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    permission_scopes: ClassVar = {"core.Project": "pk"}
    reading_scopes: ClassVar = dict.fromkeys(PARTS_OF_PROJECTS, "pk")

    class Meta:
        ordering = ["-pk"]
        permissions = MODEL_PERMISSIONS
        default_permissions = ("add", "change", "view")

    def __str__(self) -> str:
        return self.name

    @property
    def project_id(self) -> int:
        return self.pk


class ProjectUserObjectPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Project, on_delete=models.CASCADE)


class ProjectGroupObjectPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Project, on_delete=models.CASCADE)


class RoleGrant(models.Model):
    """A role given to a user or a team on a project, or on one environment or target of it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=32, choices=[(name, name) for name in ROLES])
    # Whoever holds roles is not deleted: what they lose is revoked first, which is an event.
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True)
    scope_type = models.ForeignKey(ContentType, on_delete=models.PROTECT)
    scope_id = models.PositiveBigIntegerField()
    scope = GenericForeignKey("scope_type", "scope_id")
    created_at = models.DateTimeField(auto_now_add=True)

    permission_scopes: ClassVar = {"core.Project": "project_id"}
    resource_type: ClassVar = "role"

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="role_grant_user_or_team",
                condition=models.Q(user__isnull=False, team__isnull=True)
                | models.Q(user__isnull=True, team__isnull=False),
            ),
            models.UniqueConstraint(
                name="role_grant_once_per_user",
                fields=["user", "role", "scope_type", "scope_id"],
                condition=models.Q(user__isnull=False),
            ),
            models.UniqueConstraint(
                name="role_grant_once_per_team",
                fields=["team", "role", "scope_type", "scope_id"],
                condition=models.Q(team__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} on {self.scope} for {self.user or self.team}"


class TokenScope(models.TextChoices):
    READ = "read"
    WRITE = "write"


class APIToken(AbstractAuthToken):
    """A hashed, expiring key of a user, at most as mighty as the user."""

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=128, unique=True)
    name = models.CharField(max_length=200)
    scope = models.CharField(max_length=8, choices=TokenScope, default=TokenScope.WRITE)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, blank=True)
    allowed_networks = models.JSONField(default=list, blank=True)

    resource_type: ClassVar = "token"

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.token_key}…)"


class Source(models.TextChoices):
    """The door a change came through."""

    UI = "ui"
    API = "api"
    AI = "ai"
    SYSTEM = "system"


class TimelineEvent(models.Model):
    """One thing that happened. Append-only: the database refuses to change or delete a row."""

    seq = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(default=uuid.uuid4, unique=True)
    action = models.CharField(max_length=64)
    resource_type = models.CharField(max_length=32)
    resource_id = models.PositiveBigIntegerField()
    # Plain ids: an event outlives what it tells of.
    project_id = models.PositiveBigIntegerField(null=True)
    team_id = models.PositiveBigIntegerField(null=True)
    environment_id = models.PositiveBigIntegerField(null=True)
    actor_id = models.PositiveBigIntegerField(null=True)
    actor = models.CharField(max_length=150)
    source = models.CharField(max_length=8, choices=Source)
    status = models.CharField(max_length=32, blank=True)
    occurred_at = models.DateTimeField(auto_now_add=True)
    correlation_id = models.UUIDField(null=True)
    detail = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    permission_scopes: ClassVar = {
        "core.Project": "project_id",
        "environments.Environment": "environment_id",
    }

    class Meta:
        ordering = ["-seq"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["resource_type", "resource_id", "seq"]),
            models.Index(fields=["project_id", "-seq"]),
        ]

    def __str__(self) -> str:
        return f"#{self.seq} {self.action} {self.resource_type} {self.resource_id}"


class IdempotencyRecord(models.Model):
    """The answer to a POST that carried an `Idempotency-Key`, for whoever repeats it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    key = models.CharField(max_length=128)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = EncryptedField(default="")  # an answer may hold a token that is shown once
    seal = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="idempotency_key", fields=["user", "key"])]

    def __str__(self) -> str:
        return f"{self.key} of {self.user_id}"
