"""The secrets a release works with. The one place where deployments opens them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

from config.core.fields import reveal
from config.core.secrets import Secret
from deployments.models import Release, ServiceRevision
from deployments.rendering import mask


def values_for(revision: ServiceRevision, given: dict[str, str]) -> dict[str, str | Secret]:
    """Every variable that has a value: what was given, else the revision's default."""
    defaults: dict[str, str] = json.loads(reveal(revision, "secret_defaults").reveal() or "{}")
    values: dict[str, str | Secret] = {}
    for name, declared in revision.variables.items():
        text = given.get(name, defaults.get(name, declared.get("default")))
        if text is not None:
            values[name] = Secret(text) if declared.get("secret") else text
    return values | {name: text for name, text in given.items() if name not in values}


def given_to(release: Release) -> dict[str, str]:
    """The variables its preview was asked for with."""
    loaded: dict[str, str] = json.loads(reveal(release, "given").reveal() or "{}")
    return loaded


def content_of(release: Release) -> dict[str, Any]:
    """What the runtime got, or gets."""
    loaded: dict[str, Any] = json.loads(reveal(release, "content").reveal())
    return loaded


def secrets_of_release(release: Release) -> list[Secret]:
    origin = release.source_release or release
    values = values_for(origin.revision, given_to(origin))
    return [value for value in values.values() if isinstance(value, Secret) and value]


def masks_of(values: dict[str, str | Secret]) -> dict[str, str]:
    """{secret text: its mask}, for `rendering.hide`."""
    return masks(v for v in values.values() if isinstance(v, Secret) and v)


def masks(found: Iterable[Secret]) -> dict[str, str]:
    """The same of any secrets; also as they stand in the quotes of a message, and in base64."""
    return {form: mask(secret) for secret in found for form in _forms(secret.reveal())}


def _forms(text: str) -> set[str]:
    encoded = base64.b64encode(text.encode()).decode() if len(text) >= 4 else text
    return {text, json.dumps(text, ensure_ascii=False)[1:-1], encoded}
