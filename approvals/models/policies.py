"""Who has to agree to what, and when nothing may be changed."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from approvals.weekly import Hours, parse
from config.core.models import Project
from config.core.risk import Rule

MINUTES_A_YEAR: Final = 365 * 24 * 60


class Tier(models.TextChoices):
    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


class PolicyAction(models.TextChoices):
    APPLY = "apply"
    ROLLBACK = "rollback"
    INSTALL = "install"
    VIP = "vip"


class Priority(models.TextChoices):
    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


def known_rules(names: Any) -> None:
    """Of a list of names of risk rules."""
    if not isinstance(names, list) or any(name not in Rule.values for name in names):
        raise ValidationError(f"This is a list of risk rules: {', '.join(Rule.values)}.")


def weekly_windows(windows: Any) -> None:
    """Of what `approvals.weekly.parse` takes."""
    try:
        parse(windows)
    except ValueError as error:
        raise ValidationError(str(error)) from None


class ApprovalPolicy(models.Model):
    """How many must agree to an action in a tier, and what it may not hold, whoever agrees.
    Without a policy, nobody has to, and it may hold anything."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, blank=True, help_text="Empty: all projects."
    )
    tier = models.CharField(max_length=16, choices=Tier)
    action = models.CharField(max_length=16, choices=PolicyAction)
    required_approvals = models.PositiveSmallIntegerField(
        default=1, validators=[MaxValueValidator(100)]
    )
    expires_minutes = models.PositiveIntegerField(
        default=30, validators=[MinValueValidator(1), MaxValueValidator(MINUTES_A_YEAR)]
    )
    prevent_self_approval = models.BooleanField(default=True)
    exclude_authors = models.BooleanField(default=False)
    priority = models.CharField(max_length=2, choices=Priority, default=Priority.P2)
    auto_apply = models.BooleanField(
        default=True, help_text="Run as soon as it is approved; else wait for one more apply."
    )
    forbids = models.JSONField(
        default=list, blank=True, validators=[known_rules], help_text="Names of risk rules."
    )
    enabled = models.BooleanField(default=True)

    permission_scopes: ClassVar = {"core.Project": "project_id"}
    resource_type: ClassVar = "policy"

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "approval policies"
        constraints = [
            models.UniqueConstraint(
                name="policy_once_per_project",
                fields=["project", "tier", "action"],
                condition=models.Q(project__isnull=False),
            ),
            models.UniqueConstraint(
                name="policy_once_for_all",
                fields=["tier", "action"],
                condition=models.Q(project__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} in {self.tier}, {self.project or 'all projects'}"


class FreezeWindow(models.Model):
    """When nothing may be changed in a tier: once, from one moment to another, or every week."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, blank=True, help_text="Empty: all projects."
    )
    tier = models.CharField(max_length=16, choices=Tier)
    reason = models.CharField(max_length=500)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    weekly = models.JSONField(
        default=list,
        blank=True,
        validators=[weekly_windows],
        help_text='[{"days": ["fri"], "start": "18:00", "end": "08:00", "time_zone": '
        '"Europe/Berlin"}]; an end that is not after the start is the next day\'s.',
    )
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    permission_scopes: ClassVar = {"core.Project": "project_id"}
    resource_type: ClassVar = "freeze"

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="freeze_ends_after_it_starts",
                condition=models.Q(starts_at__isnull=True, ends_at__isnull=True)
                | models.Q(
                    starts_at__isnull=False,
                    ends_at__isnull=False,
                    ends_at__gt=models.F("starts_at"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tier}, {self.project or 'all projects'}: {self.reason}"

    @property
    def hours(self) -> list[Hours]:
        return parse(self.weekly)

    def clean(self) -> None:
        """Either both moments or weekly windows, and the end after the start."""
        self.weekly = self.weekly or []  # a form's empty field is None
        once = [moment for moment in (self.starts_at, self.ends_at) if moment is not None]
        if bool(once) == bool(self.weekly):
            text = "A freeze has starts_at and ends_at, or weekly windows."
            raise ValidationError({"weekly": text})
        if len(once) == 1:
            missing = "ends_at" if self.ends_at is None else "starts_at"
            raise ValidationError({missing: "A freeze has both starts_at and ends_at."})
        if once and once[0] >= once[1]:
            raise ValidationError({"ends_at": "This is not after starts_at."})
