"""Where in a manifest Compose's words point to."""

from __future__ import annotations

from typing import Any

import pytest

from config.core.errors import ManifestInvalid
from deployments.rendering import render
from deployments.runtimes.base import Request
from deployments.runtimes.compose.host import ComposeHost
from deployments.runtimes.compose.resolving import place_in, resolve

MANIFEST = """\
services:
  web:
    image: web:1
    prots: ["1:2"]
  db:
    image: ${IMAGE}
    ports: ["x"]
"""


@pytest.mark.parametrize(
    ("message", "place"),
    [
        (
            "validating <stdin>: services.web Additional property prots is not allowed",
            ("services", "web", "prots"),
        ),
        (
            "validating <stdin>: services.web additional properties 'prots' not allowed",
            ("services", "web", "prots"),
        ),
        ("services.db.ports.0 must be a integer", ("services", "db", "ports", "0")),
        ("services.db.ports[0] is wrong", ("services", "db", "ports", "0")),
        ('service "db" refers to undefined volume data: invalid', ("services", "db")),
        ("something else", ()),
    ],
)
def test_the_place(message: str, place: tuple[str, ...]) -> None:
    assert place_in(message) == place


@pytest.mark.parametrize(
    ("message", "path", "line"),
    [
        ("services.web Additional property prots is not allowed", "services.web.prots", 4),
        ("services.db.ports.0 is not a port", "services.db.ports.0", 7),
        ("services.web.nowhere is odd", "services.web.nowhere", 2),
        ("something else", "manifest", 1),
    ],
)
def test_what_compose_refuses_has_its_line(
    monkeypatch: pytest.MonkeyPatch, message: str, path: str, line: int
) -> None:
    def refuses(_host: ComposeHost, _content: dict[str, Any]) -> dict[str, Any]:
        problem = {"path": "manifest", "line": 1, "message": f"{message} with s3cret"}
        raise ManifestInvalid(f"Compose refuses the manifest: {message} s3cret", errors=[problem])

    monkeypatch.setattr(ComposeHost, "resolve", refuses)
    nobody: Any = None
    rendered = render(MANIFEST, {"IMAGE": "db:1"})
    request = Request(nobody, nobody, "rolling", None, rendered, None, {"s3cret": "***"})
    with pytest.raises(ManifestInvalid) as error:
        resolve(ComposeHost("host-1", "web", nobody), request)
    assert error.value.data["errors"] == [
        {"path": path, "line": line, "message": f"{message} with ***"}
    ]
    assert "s3cret" not in error.value.message
