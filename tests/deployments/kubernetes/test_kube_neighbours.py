"""Two services in one namespace: what one releases is nothing to the other, but what they share."""

from __future__ import annotations

import json

import pytest

from deployments.models import Release
from tests.deployments.kubernetes.site import KubeSite, Object, config
from tests.factories.deployments import RevisionFactory, ServiceFactory

pytestmark = pytest.mark.django_db


def neighbour(site: KubeSite, *objects: Object) -> Release:
    """Another service's release of these, applied."""
    service = ServiceFactory.make(project=site.project, runtime_type="k8s", name="other")
    manifest = "\n---\n".join(json.dumps(one, indent=1) for one in objects)
    RevisionFactory.make(service=service, manifest=manifest)
    release = site.deploy(service_id=service.pk)
    assert release.status == "applied"
    return release


def void(site: KubeSite, release: Release) -> bool:
    site.run(release)
    data = (release.diagnostics_json or {}).get("raw", {}).get("data")
    return release.reason_code == "preview_mismatch" and data == {"mismatch": ["target_changed"]}


def test_what_another_service_released_in_between_is_nothing_to_it(site: KubeSite) -> None:
    site.wants(config(colour="red"), config("old"))
    site.deploy()
    site.wants(config(colour="blue"))
    release = site.apply(site.preview())
    neighbour(site, config("theirs", size="big"))
    assert site.run(release).status == "applied"
    assert site.live("ConfigMap", "old", version="v1") is None
    assert site.live("ConfigMap", "theirs", version="v1") is not None


def test_an_object_that_both_have_is(site: KubeSite) -> None:
    site.wants(config(colour="red"))
    release = site.apply(site.preview())
    neighbour(site, config(colour="red"))
    assert void(site, release)
    live = site.live("ConfigMap", "settings", version="v1") or {}
    assert live["metadata"]["annotations"]["slipway/owner"] == f"other.{site.target.pk}"


def test_so_is_one_that_was_to_be_deleted_and_became_the_others(site: KubeSite) -> None:
    site.wants(config(), config("old", colour="red"))
    site.deploy()
    site.wants(config(colour="blue"))
    release = site.apply(site.preview())
    neighbour(site, config("old", colour="red"))
    assert void(site, release)
    live = site.live("ConfigMap", "settings", version="v1") or {}
    assert not live.get("data")
