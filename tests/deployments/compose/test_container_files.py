"""Secrets as files in containers: values apart from the project, and a label that changes."""

from __future__ import annotations

from typing import Any

import pytest

from config.core.errors import ManifestInvalid
from config.core.secrets import Secret
from deployments.rendering import Rendered, render
from deployments.runtimes.compose import container_files
from deployments.runtimes.compose.container_files import VALUES, put_in, taken_out, without_files

MANIFEST = """\
services:
  web:
    image: web:1
    secrets: [token]
  other:
    image: web:1
secrets:
  token:
    environment: {source}
"""


def rendered(source: str, **values: str | Secret) -> Rendered:
    return render(MANIFEST.format(source=source), values)


def put(made: Rendered) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    return put_in(made.documents[0], made.masked[0], made.values, made.line_of)


@pytest.mark.parametrize("source", ["TOKEN", "${TOKEN}"])
def test_the_value_is_nowhere_in_the_project(source: str) -> None:
    document, shown, files = put(rendered(source, TOKEN=Secret("a-canary")))
    [(variable, value)] = files.items()
    assert value == "a-canary"
    assert document["secrets"] == shown["secrets"] == {"token": {"environment": variable}}
    assert "a-canary" not in repr((document, shown))
    project, lines = taken_out({**document, VALUES: files})
    assert project == document
    assert lines == f"export {variable}=a-canary\n".encode()


def test_a_value_that_is_no_secret() -> None:
    _, _, files = put(rendered("COLOUR", COLOUR="blue"))
    assert list(files.values()) == ["blue"]


def test_those_who_use_it_have_to_be_made_again_when_it_changes() -> None:
    labels = []
    for value in ("one", "two", "two"):
        document, shown, _ = put(rendered("TOKEN", TOKEN=Secret(value)))
        assert document["services"]["web"]["labels"] == shown["services"]["web"]["labels"]
        assert "labels" not in document["services"]["other"]
        labels.append(document["services"]["web"]["labels"])
    assert labels[0] != labels[1] == labels[2]


def test_labels_as_a_list_stay_one() -> None:
    made = rendered("TOKEN", TOKEN=Secret("one"))
    for each in (made.documents[0], made.masked[0]):
        each["services"]["web"]["labels"] = ["a=b"]
        each["services"]["web"]["secrets"] = [{"source": "token", "mode": 256}]
    document, _, _ = put(made)
    own, label = document["services"]["web"]["labels"]
    assert own == "a=b"
    assert label.startswith(f"{container_files.LABEL}.token=")


def test_a_variable_that_is_none_is_refused_where_it_stands() -> None:
    with pytest.raises(ManifestInvalid) as error:
        put(rendered("PATH", TOKEN=Secret("one")))
    [problem] = error.value.data["errors"]
    assert (problem["path"], problem["line"]) == ("secrets.token.environment", 9)
    assert "PATH" in problem["message"]


def test_a_manifest_without_any_stays_as_it_is() -> None:
    made = render("services: {web: {image: 'web:1'}}", {})
    assert put(made) == (made.documents[0], made.masked[0], {})
    assert taken_out(made.documents[0]) == (made.documents[0], b"")


def test_nothing_of_them_is_left_for_a_dry_run() -> None:
    document, _, files = put(rendered("TOKEN", TOKEN=Secret("a-canary")))
    left = without_files({**document, VALUES: files, "volumes": {"data": {}}})
    assert left.keys() == {"services", "volumes"}
    assert "secrets" not in left["services"]["web"]
