"""How long a preview may be applied, tier by tier."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from pytest_django import Settings

from config.core.previews import preview_ttl
from config.settings.previews import TIERS, preview_ttls
from deployments.models import Release
from tests.deployments.site import Site

APPLY = "/deploy/releases/apply"


def seconds(text: str) -> list[float]:
    found = preview_ttls(text)
    return [found[tier].total_seconds() for tier in TIERS]


def test_one_number_is_for_all_tiers() -> None:
    assert seconds("1800") == [1800, 1800, 1800]


def test_a_tier_set_apart() -> None:
    assert seconds("1800,production=900") == [1800, 1800, 900]
    assert seconds(" 60 , staging = 30,development=5 ") == [5, 30, 60]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "''"),
        ("soon", "'soon'"),
        ("0", "'0'"),
        ("-1", "'-1'"),
        ("1.5", "'1.5'"),
        ("²", "'²'"),
        ("604801", "604800"),
        ("production=900", "'production=900'"),  # and the others?
        ("1800,", "''"),
        ("1800,900", "'900'"),
        ("1800,qa=900", "'qa=900'"),
        ("1800,production=", "''"),
        ("1800,production=9m", "'9m'"),
        ("1800,staging=1,staging=2", "'staging=2'"),
    ],
)
def test_nonsense_is_told(text: str, named: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        preview_ttls(text)
    assert "SLIPWAY_PREVIEW_TTL_SECONDS" in str(refused.value)
    assert named in str(refused.value)


def test_what_is_no_tier() -> None:
    with pytest.raises(KeyError):
        preview_ttl("qa")


@pytest.mark.django_db
@pytest.mark.parametrize("tier", TIERS)
def test_a_preview_of_each_tier_expires_by_its_own(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tier: str
) -> None:
    settings.PREVIEW_TTLS = dict.fromkeys(TIERS, timedelta(hours=1)) | {tier: timedelta(minutes=1)}
    sites = {name: Site(name) for name in TIERS}
    made = {name: (site, site.preview()) for name, site in sites.items()}
    later = timezone.now() + timedelta(minutes=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    for name, (site, preview) in made.items():
        answer = site.api.post(APPLY, {"preview_ref": preview["preview_ref"]})
        if name == tier:
            answer.refused(409, "preview_expired")
            assert Release.objects.get(pk=preview["release_id"]).status == "preview"
        else:
            answer.ok(202)
