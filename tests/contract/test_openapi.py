"""The document says of every operation how it fails, and names nothing outside."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from tests.callers import Api

METHODS = {"get", "post", "patch", "put", "delete"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_every_operation_lists_its_errors(document: dict[str, Any]) -> None:
    found = operations(document)
    assert len(found) > 60
    for name, operation in found:
        assert {"4XX", "5XX"} <= set(operation["responses"]), name
        for status in ("4XX", "5XX"):
            content = operation["responses"][status]["content"]["application/json"]
            assert content["schema"] == {"$ref": "#/components/schemas/Error"}, name


def test_the_error_has_the_contracts_fields(document: dict[str, Any]) -> None:
    error = document["components"]["schemas"]["Error"]
    assert set(error["properties"]) == {"code", "message", "data", "request_id"}
    assert set(error["required"]) == set(error["properties"])


def test_every_operation_has_a_success_and_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(names) == len(set(names))
    for name, operation in operations(document):
        assert any(status.startswith("2") for status in operation["responses"]), name


def test_nothing_that_is_written_only_is_answered(document: dict[str, Any]) -> None:
    secrets = {"private_key", "passphrase", "password", "sudo_password", "kubeconfig", "client_key"}
    for name, schema in document["components"]["schemas"].items():
        shown = secrets & set(schema.get("properties", {}))
        assert not shown or name.endswith("Request"), (name, shown)


@pytest.mark.django_db
def test_it_is_served_without_outside_assets() -> None:
    assert Api().get("/schema").status == 200
    page = Api().get("/docs")
    assert page.status == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
