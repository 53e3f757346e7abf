"""From a rendered manifest to the project that hosts get, by way of Compose on a host."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import yaml

from config.core.errors import ManifestInvalid
from deployments.rendering import Rendered, hide
from deployments.runtimes.base import Request
from deployments.runtimes.compose import container_files, project
from deployments.runtimes.compose.host import ComposeHost

LineOf = Callable[[tuple[str | int, ...]], int]

_PLACE: Final = re.compile(r"\b(?:services|networks|volumes|configs|secrets)\.[\w.\[\]-]+")
_SERVICE: Final = re.compile(r"service \"([\w.-]+)\"")
_PROPERTY: Final = re.compile(r"[Aa]dditional propert(?:y|ies) '?([\w.-]+)'?")


def resolve(host: ComposeHost, request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the hosts get, and the same as it may be shown. Raises ManifestInvalid.

    Compose takes values apart (a command into words, `NAME=value` into a map), so what is shown is
    the masked manifest resolved as well. Where the masks don't fit, a port's, say, they are put in
    afterwards.
    """
    if request.source and request.content:
        return request.content, yaml.safe_load(request.source.resolved_manifest)
    rendered = _single_document(request.rendered)
    document, masked, files = container_files.put_in(
        rendered.documents[0], rendered.masked[0], rendered.values, rendered.line_of
    )
    try:
        content = host.resolve(document)
    except ManifestInvalid as error:
        raise _placed(error, rendered.line_of, request.secrets) from None
    try:
        shown = host.resolve(masked) if request.secrets else content
    except ManifestInvalid:
        shown = content
    shown = hide(shown, request.secrets)
    return content | ({container_files.VALUES: files} if files else {}), shown


def place_in(message: str) -> tuple[str, ...]:
    """Where in a manifest Compose's words point to, empty when they don't say."""
    if found := _PLACE.search(message):
        path = tuple(part for part in re.split(r"[.\[\]]+", found[0]) if part)
    elif found := _SERVICE.search(message):
        path = ("services", found[1])
    else:
        path = ()
    added = _PROPERTY.search(message)
    return (*path, added[1]) if added else path


def _placed(error: ManifestInvalid, line_of: LineOf, secrets: dict[str, str]) -> ManifestInvalid:
    """What Compose refuses, at the line it speaks of, without secrets."""
    problems = []
    for problem in error.data["errors"]:
        place = place_in(problem["message"])
        path = tuple(int(part) if part.isdigit() else part for part in place)
        where = {"path": ".".join(place) or problem["path"], "line": line_of(path)}
        problems.append(problem | where)
    return ManifestInvalid(hide(error.message, secrets), errors=hide(problems, secrets))


def _single_document(rendered: Rendered | None) -> Rendered:
    """Raises ManifestInvalid, also for what reaches outside of the manifest."""
    first = rendered.documents[0] if rendered else None
    if rendered is None or len(rendered.documents) != 1 or not isinstance(first, dict):
        message = "A Compose file is one YAML mapping."
        raise ManifestInvalid(message, errors=[{"path": "manifest", "line": 1, "message": message}])
    if errors := project.outside_references(first, rendered.line_of):
        raise ManifestInvalid(errors[0]["message"], errors=errors)
    return rendered
