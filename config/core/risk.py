"""How much a change can break: a level, and the reasons for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from django.db import models


class RiskLevel(models.TextChoices):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Risk(TypedDict):
    level: str
    reasons: list[str]


@dataclass(frozen=True)
class Finding:
    level: RiskLevel
    reason: str


def assess(findings: list[Finding]) -> Risk:
    """The highest level found, and every reason, gravest first."""
    order = list(RiskLevel)
    ranked = sorted(findings, key=lambda finding: order.index(finding.level), reverse=True)
    level = ranked[0].level if ranked else RiskLevel.LOW
    return {"level": level.value, "reasons": [finding.reason for finding in ranked]}
