"""What notifications say of installs and VIP tasks."""

from __future__ import annotations

from typing import Final

from config.core.models import TimelineEvent
from config.notifications.subjects import Summary, said
from environments.models import EnvironmentInstallTask

_TITLES: Final = {
    "environment.install_failed": "Install failed",
    "environment.vip_failed": "VIP task failed",
}


def install(event: TimelineEvent) -> Summary:
    task = EnvironmentInstallTask.objects.select_related(
        "environment", "preview", "requested_by"
    ).get(pk=event.resource_id)
    lines = [
        f"Task: {task.pk} ({task.kind}), {task.bundle} {task.version}",
        f"Requested by: {task.requested_by} ({task.source})",
    ]
    if code := event.detail.get("reason_code") or task.reason_code:
        lines.append(f"Reason: {code}")
    if comment := said(str(event.detail.get("comment") or "")):
        lines.append(f"Comment: {comment}")
    return Summary(
        title=f"{_TITLES.get(event.action, 'Install task')}: {task.bundle} on {task.environment}",
        lines=lines,
        link=f"/environments/{task.environment_id}/tasks/{task.pk}",
        risk=task.preview.risk or None,
    )
