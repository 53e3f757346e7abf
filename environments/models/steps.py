"""Commands on hosts: what became of them, what they said, and the facts that they set."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from config.core.fields import EncryptedField
from config.core.logs import Chunk
from environments.models.hosts import EnvironmentNode
from environments.models.installs import EnvironmentInstallTask


class StepStatus(models.TextChoices):
    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class HostStep(models.Model):
    """One command on one host. Each attempt runs there at most once, under `job_id`."""

    node: Any  # the host: an EnvironmentNode, or None for a step that runs in a cluster
    node_id: int | None
    index = models.PositiveIntegerField()
    phase = models.CharField(max_length=32)
    hook = models.CharField(max_length=100)
    status = models.CharField(max_length=16, choices=StepStatus, default=StepStatus.PENDING)
    attempt = models.PositiveSmallIntegerField(default=1)
    attempt_offset = models.PositiveBigIntegerField(default=0)  # where its output begins in the log
    exit_code = models.IntegerField(null=True)
    reason_code = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    log_bytes = models.PositiveBigIntegerField(default=0)
    log_cut = models.BooleanField(default=False)  # this attempt said more than is kept

    class Meta:
        abstract = True
        ordering = ["index"]

    def __str__(self) -> str:
        return f"{self.phase}/{self.hook} on {self.node}"

    @property
    def duration_ms(self) -> int | None:
        if self.started_at is None or self.finished_at is None:
            return None
        return int((self.finished_at - self.started_at).total_seconds() * 1000)

    @property
    def is_over(self) -> bool:
        return self.status not in (StepStatus.PENDING, StepStatus.RUNNING)

    run: Any  # the run this step belongs to: a Leased row with a correlation_id

    @property
    def job_id(self) -> str:
        """Names this attempt on the host, which other installations of Slipway may use too."""
        return f"{self.run.correlation_id.hex}-{self.index}-{self.attempt}"


class InstallStep(HostStep):
    """A hook on a node."""

    node = models.ForeignKey(EnvironmentNode, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(EnvironmentInstallTask, on_delete=models.CASCADE, related_name="steps")
    script = models.CharField(max_length=500, blank=True)
    timeout = models.PositiveIntegerField()
    retries = models.PositiveSmallIntegerField(default=0)
    first_attempt = models.PositiveSmallIntegerField(default=1)  # since somebody asked for it
    idempotent = models.BooleanField(default=False)
    percent = models.PositiveSmallIntegerField(null=True)  # as the hook says it
    message = models.CharField(max_length=200, blank=True)

    class Meta(HostStep.Meta):
        db_table = "environment_install_steps"
        constraints = [
            models.UniqueConstraint(name="install_step_once", fields=["run", "index"]),
        ]


class EnvironmentInstallLog(Chunk):
    step = models.ForeignKey(InstallStep, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "environment_install_logs"
        constraints = [
            models.UniqueConstraint(name="install_log_offset", fields=["step", "offset"]),
        ]


class InstallFact(models.Model):
    """What a hook found out on its node, for the hooks after it. The last word counts."""

    run = models.ForeignKey(EnvironmentInstallTask, on_delete=models.CASCADE, related_name="facts")
    node = models.ForeignKey(EnvironmentNode, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=64)
    value = models.TextField(blank=True)
    secret_value = EncryptedField(default="", blank=True)
    is_secret = models.BooleanField(default=False)
    seal = models.UUIDField(default=uuid.uuid4, editable=False)

    class Meta:
        db_table = "environment_install_facts"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="install_fact_once", fields=["run", "node", "name"]),
        ]

    def __str__(self) -> str:
        return self.name
