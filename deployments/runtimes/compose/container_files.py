"""Secrets that containers get as files: Compose's `secrets: {NAME: {environment: VARIABLE}}`.

VARIABLE is one of the revision's variables, or its value given as `${VARIABLE}`. The values travel
in a release's (encrypted) content, apart from the project; on a host they are in a file of root's
that Compose reads them from, and in the containers /run/secrets/NAME. No environment that `docker
inspect` shows has them, and no command line.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.conf import settings

from config.core.errors import ManifestInvalid
from config.core.secrets import Secret
from environments.ssh import commands

VALUES: Final = (
    "x-slipway-values"  # in a release's content: {name for Compose's environment: value}
)
LABEL: Final = "slipway.files"
_PREFIX: Final = "SLIPWAY_FILE_"


def put_in(
    document: Mapping[str, Any],
    masked: Mapping[str, Any],
    values: Mapping[str, str | Secret],
    line_of: Callable[[tuple[str | int, ...]], int],
) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """The manifest and its masked twin, as Compose gets them, and {name for it: value}.

    A service that uses one gets a label that is another when the value is: Compose goes by its
    configuration alone. Raises ManifestInvalid for what names no variable.
    """
    result, shown = copy.deepcopy(dict(document)), copy.deepcopy(dict(masked))
    found: dict[str, str] = {}
    declared = result.get("secrets")
    for name, secret in declared.items() if isinstance(declared, dict) else ():
        if isinstance(secret, dict) and "environment" in secret:
            line = line_of(("secrets", name, "environment"))
            was_masked = shown["secrets"][name]["environment"] != secret["environment"]
            value = _value(str(secret["environment"]), values, was_masked, name, line)
            variable = _PREFIX + hashlib.sha256(name.encode()).hexdigest()[:16]
            found[variable] = value
            for each in (result, shown):
                each["secrets"][name] = {**secret, "environment": variable}
                _label_users(each, name, value)
    return result, shown, found


def taken_out(content: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The project alone, and lines for sh that export the values; none where there are none."""
    project = {key: value for key, value in content.items() if key != VALUES}
    return project, commands.exports(content.get(VALUES) or {})


def without_files(project: Mapping[str, Any]) -> dict[str, Any]:
    """For Compose's dry run, which can't put files into containers that it didn't make."""
    result = copy.deepcopy(dict(project))
    for service in (result.get("services") or {}).values():
        service.pop("secrets", None)
        service.pop("configs", None)
    return {key: each for key, each in result.items() if key not in ("secrets", "configs", VALUES)}


def _value(
    text: str,
    values: Mapping[str, str | Secret],
    was_masked: bool,  # noqa: FBT001 - of `text`
    name: str,
    line: int,
) -> str:
    if was_masked:  # a secret variable's value stands there
        return text
    if text in values:
        value = values[text]
        return value.reveal() if isinstance(value, Secret) else value
    message = f"The secret {name} takes its value from {text}, which is no variable with a value."
    path = f"secrets.{name}.environment"
    raise ManifestInvalid(message, errors=[{"path": path, "line": line, "message": message}])


def _label_users(document: dict[str, Any], name: str, value: str) -> None:
    services = document.get("services")
    for service in services.values() if isinstance(services, dict) else ():
        if isinstance(service, dict) and name in _used(service):
            labels = service.setdefault("labels", {})
            if isinstance(labels, dict):
                labels[f"{LABEL}.{name}"] = _digest(value)
            elif isinstance(labels, list):
                labels.append(f"{LABEL}.{name}={_digest(value)}")


def _used(service: Mapping[str, Any]) -> list[str]:
    entries = service.get("secrets")
    listed = entries if isinstance(entries, list) else []
    return [str(each.get("source") if isinstance(each, dict) else each) for each in listed]


def _digest(value: str) -> str:
    """Says that a value changed, and nothing about it: keyed, as the masks are."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:16]
