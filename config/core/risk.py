"""How much a change can break: rules with levels, and the reasons they give for one change."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final, TypedDict

from django.db import models


class RiskLevel(models.TextChoices):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Rule(models.TextChoices):
    """What is looked for. A policy can forbid what any of these finds, by its name."""

    FIRST_RELEASE = "first_release"
    PRODUCTION = "production"
    FREEZE = "freeze"
    LARGE_CHANGE = "large_change"
    DELETES = "deletes"
    REPLACES = "replaces"
    PRIVILEGED = "privileged"
    DOCKER_SOCKET = "docker_socket"
    HOST_MOUNT = "host_mount"
    HOST_NAMESPACE = "host_namespace"
    SHARED_NAMESPACE = "shared_namespace"
    CAPABILITIES = "capabilities"
    SECURITY_OPTIONS = "security_options"
    DEVICES = "devices"
    MOVING_TAG = "moving_tag"
    UNPINNED_IMAGE = "unpinned_image"
    NO_HEALTH_CHECK = "no_health_check"
    CLUSTER_SCOPED = "cluster_scoped"
    CLUSTER_ROLE = "cluster_role"
    OTHER_NAMESPACE = "other_namespace"
    FIELD_CONFLICT = "field_conflict"
    TAKES_FIELDS = "takes_fields"
    INSTALL = "install"
    INSTALL_IN_USE = "install_in_use"
    INSTALL_IN_PRODUCTION = "install_in_production"
    UNINSTALL = "uninstall"


_LOW: Final = (Rule.FIRST_RELEASE, Rule.INSTALL)
_MEDIUM: Final = (
    Rule.PRODUCTION,
    Rule.LARGE_CHANGE,
    Rule.SHARED_NAMESPACE,
    Rule.MOVING_TAG,
    Rule.UNPINNED_IMAGE,
    Rule.NO_HEALTH_CHECK,
    Rule.CLUSTER_SCOPED,
    Rule.INSTALL_IN_USE,
)
_CRITICAL: Final = (Rule.PRIVILEGED, Rule.DOCKER_SOCKET, Rule.CLUSTER_ROLE)
LEVELS: Final[dict[Rule, RiskLevel]] = (
    dict.fromkeys(Rule, RiskLevel.HIGH)
    | dict.fromkeys(_LOW, RiskLevel.LOW)
    | dict.fromkeys(_MEDIUM, RiskLevel.MEDIUM)
    | dict.fromkeys(_CRITICAL, RiskLevel.CRITICAL)
)

# From how many changed resources on a change is large.
LARGE: Final = 20


class Risk(TypedDict):
    level: str
    reasons: list[str]


@dataclass(frozen=True)
class Finding:
    rule: Rule
    reason: str

    @property
    def level(self) -> RiskLevel:
        return LEVELS[self.rule]


def assess(findings: list[Finding]) -> Risk:
    """The highest level found, and every reason, gravest first."""
    order = list(RiskLevel)
    ranked = sorted(findings, key=lambda finding: order.index(finding.level), reverse=True)
    level = ranked[0].level if ranked else RiskLevel.LOW
    return {"level": level.value, "reasons": [finding.reason for finding in ranked]}


def of_size(summary: dict[str, int]) -> list[Finding]:
    """`summary`: {create, update, delete, unchanged}, as in a diff."""
    changed = Counter(summary).total() - summary["unchanged"]
    if changed < LARGE:
        return []
    return [Finding(Rule.LARGE_CHANGE, f"Changes {changed} resources at once")]
