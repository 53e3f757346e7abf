"""Production changes need one approval within 30 minutes, unless somebody decides otherwise."""

from typing import Any

from django.db import migrations


def seed(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    policy = apps.get_model("approvals", "ApprovalPolicy")
    for action in ("apply", "rollback", "install", "vip"):
        policy.objects.get_or_create(
            project=None,
            tier="production",
            action=action,
            defaults={"required_approvals": 1, "expires_minutes": 30},
        )


class Migration(migrations.Migration):
    dependencies = [("approvals", "0002_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
