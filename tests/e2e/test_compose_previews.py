"""What a preview refuses, with the words of who refused it; nothing is stored then."""

from __future__ import annotations

import pytest

from tests.demo.api import APIError
from tests.e2e.releases import App
from tests.e2e.site import Site

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def app(site: Site, one_host: int) -> App:
    return App(site, one_host)


def refused(app: App, text: str) -> APIError:
    app.revision(text)
    with pytest.raises(APIError) as error:
        app.preview()
    assert error.value.status == 422
    assert app.site.api.all(f"/deploy/releases?service={app.service}") == []
    return error.value


def test_what_compose_refuses(app: App) -> None:
    text = "services:\n  web:\n    image: slipway-demo:1\n    prots: ['1:2']\n"
    error = refused(app, text)
    assert error.code == "manifest_invalid"
    [problem] = error.data["errors"]
    assert "prots" in problem["message"]
    assert (problem["path"], problem["line"]) == ("services.web.prots", 4)


def test_an_undefined_variable_is_named_with_its_line(app: App) -> None:
    error = refused(app, "services:\n  web:\n    image: slipway-demo:${NOWHERE}\n")
    assert error.code == "render_failed"
    assert error.data["errors"] == [
        {"path": "manifest", "line": 3, "message": "NOWHERE has no value"}
    ]
