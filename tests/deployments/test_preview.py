"""`POST /deploy/releases/preview`: what it pins, and what it refuses."""

from __future__ import annotations

import re
from typing import Any

import pytest

from config.core.models import TimelineEvent
from deployments.models import Release
from tests.deployments.recording_runtime import RecordingRuntime
from tests.deployments.site import Site
from tests.factories.deployments import RevisionFactory, ServiceFactory, TargetFactory
from tests.factories.environments import EnvironmentFactory

pytestmark = pytest.mark.django_db
PREVIEW = "/deploy/releases/preview"


def test_a_preview_has_the_contracts_fields(site: Site) -> None:
    made = site.preview(variables={"TAG": "2"})
    assert set(made) >= {
        "release_id",
        "id",
        "kind",
        "status",
        "lifecycle_state",
        "reason_code",
        "service",
        "target",
        "project",
        "environment",
        "runtime_type",
        "strategy",
        "revision",
        "variables",
        "resolved_manifest",
        "context_hash",
        "preview_ref",
        "preview_expires_at",
        "approval_required",
        "approval_ticket",
        "approval_status",
        "risk",
        "checks",
        "warnings",
        "diff",
        "images",
        "conflicts",
        "source_release_id",
        "rollback_of",
        "rolled_back_by",
        "requested_by",
        "source",
        "progress",
        "diagnostics_json",
        "created_at",
        "applied_at",
        "finished_at",
        "duration_ms",
    }
    assert made["release_id"] == made["id"]
    assert (made["kind"], made["lifecycle_state"], made["strategy"]) == (
        "deploy", "preview", "rolling",
    )  # fmt: skip
    assert made["target"] == {
        "id": site.target.pk,
        "name": site.target.name,
        "runtime_type": "compose",
    }
    assert made["environment"]["tier"] == "development"
    assert made["revision"]["number"] == 1
    assert made["variables"] == {"TAG": "2"}
    assert "registry.example.net/web:2" in made["resolved_manifest"]
    assert made["diff"]["summary"] == {"create": 1, "update": 0, "delete": 0, "unchanged": 0}
    assert made["diff"]["resources"][0]["action"] == "create"
    assert made["warnings"] == ["Will be pulled"]
    assert made["risk"]["level"] == "low"
    assert re.fullmatch(r"[0-9a-f]{64}", made["context_hash"])
    assert (made["approval_required"], made["approval_status"]) == (False, None)


def test_nothing_runs_and_one_event_tells_of_it(
    site: Site, runtime: RecordingRuntime, hints: list[tuple[str, int]]
) -> None:
    made = site.preview()
    assert runtime.applied == []
    assert hints == []
    event = TimelineEvent.objects.get(action="release.previewed")
    assert (event.resource_type, event.resource_id) == ("release", made["release_id"])
    assert event.detail["context_hash"] == made["context_hash"]


def test_each_preview_ref_is_new_and_cannot_be_guessed(site: Site) -> None:
    refs = {site.preview()["preview_ref"] for _ in range(3)}
    assert len(refs) == 3
    assert all(len(ref) * 6 >= 128 for ref in refs)  # base64: six bits a character


def test_the_newest_revision_unless_one_is_named(site: Site) -> None:
    old = site.service.revisions.get()
    new = site.revision()
    assert site.preview()["revision"] == {"id": new.pk, "number": 2}
    assert site.preview(revision_id=old.pk)["revision"] == {"id": old.pk, "number": 1}


def test_the_digest_is_of_the_content(site: Site) -> None:
    assert site.preview()["context_hash"] == site.preview()["context_hash"]
    assert site.preview()["context_hash"] != site.preview(variables={"TAG": "9"})["context_hash"]
    assert site.preview()["context_hash"] != site.preview(strategy="recreate")["context_hash"]


def test_production_says_that_it_will_ask(production: Site) -> None:
    made = production.preview()
    assert made["approval_required"] is True
    assert made["approval_ticket"] == ""
    assert made["risk"]["level"] == "medium"
    assert "The environment is production" in made["risk"]["reasons"]


def refused(site: Site, **parameters: Any) -> dict[str, Any]:
    body = {"service_id": site.service.pk, "target_id": site.target.pk, **parameters}
    answer = site.api.post(PREVIEW, body)
    data: dict[str, Any] = answer.refused(400, "validation_error")["fields"]
    assert not Release.objects.exists()
    return data


@pytest.mark.parametrize("name", ["service_id", "target_id", "revision_id"])
def test_a_relation_to_something_unseen_is_as_if_it_did_not_exist(site: Site, name: str) -> None:
    unseen = {
        "service_id": ServiceFactory.make,
        "target_id": TargetFactory.make,
        "revision_id": RevisionFactory.make,
    }[name]().pk
    hidden, missing = refused(site, **{name: unseen}), refused(site, **{name: 10**9})
    assert set(hidden) == set(missing) == {name}
    assert str(unseen) in hidden[name][0]
    assert hidden[name][0].replace(str(unseen), "") == missing[name][0].replace(str(10**9), "")


def test_the_environment_that_the_caller_believes_in(site: Site) -> None:
    assert set(refused(site, env="production")) == {"env"}
    assert site.preview(env="development")
    assert site.preview(env=site.target.environment.name)


def test_a_variable_that_nothing_uses(site: Site) -> None:
    assert set(refused(site, variables={"TAG": "1", "TYPO": "1"})) == {"variables.TYPO"}


def test_a_variable_that_is_required(site: Site) -> None:
    site.revision(variables={"TAG": {"required": True}})
    assert set(refused(site)) == {"variables.TAG"}
    assert set(refused(site, variables={"TAG": ""})) == {"variables.TAG"}
    assert site.preview(variables={"TAG": "1"})


@pytest.mark.parametrize(
    "parameters",
    [
        {"strategy": "yolo"},
        {"variables": ["TAG"]},
        {"variables": {"TAG": {"nested": 1}}},
        {"force_conflicts": "perhaps"},
        {"colour": "blue"},
        {"service_id": "web"},
        {"revision_id": None},
    ],
)
def test_parameters_of_the_wrong_shape(site: Site, parameters: dict[str, Any]) -> None:
    assert refused(site, **parameters)


def test_a_revision_of_another_service(site: Site) -> None:
    other = ServiceFactory.make(project=site.project)
    revision = RevisionFactory.make(service=other)
    body = {
        "service_id": site.service.pk,
        "target_id": site.target.pk,
        "revision_id": revision.pk,
    }
    site.api.post(PREVIEW, body).refused(404, "not_found")


def test_what_the_manifest_lacks_is_said_with_its_line(site: Site) -> None:
    site.revision(manifest="services:\n  web:\n    image: ${IMAGE}\n    user: ${USER:?who}\n")
    body = {"service_id": site.service.pk, "target_id": site.target.pk}
    data = site.api.post(PREVIEW, body).refused(422, "render_failed")
    assert [(e["path"], e["line"]) for e in data["errors"]] == [("manifest", 3), ("manifest", 4)]
    assert not Release.objects.exists()


def test_a_manifest_that_is_no_yaml(site: Site) -> None:
    site.revision(manifest="services:\n  web: [\n")
    body = {"service_id": site.service.pk, "target_id": site.target.pk}
    data = site.api.post(PREVIEW, body).refused(422, "manifest_invalid")
    assert data["errors"][0]["line"] >= 2


def test_no_runtime_for_the_target(site: Site) -> None:
    environment = EnvironmentFactory.make(project=site.project, runtime_type="k8s")
    target = TargetFactory.make(environment=environment, runtime_type="k8s")
    service = ServiceFactory.make(project=site.project, runtime_type="k8s")
    RevisionFactory.make(service=service)
    body = {"service_id": service.pk, "target_id": target.pk}
    assert site.api.post(PREVIEW, body).refused(409, "target_not_ready")["reasons"]


@pytest.mark.parametrize("what", ["service", "target"])
def test_what_is_archived_takes_no_releases(site: Site, what: str) -> None:
    row = getattr(site, what)
    row.archived = True
    row.save()
    body = {"service_id": site.service.pk, "target_id": site.target.pk}
    site.api.post(PREVIEW, body).refused(409, "target_not_ready")


def test_a_service_of_another_runtime(site: Site) -> None:
    service = ServiceFactory.make(project=site.project, runtime_type="k8s")
    RevisionFactory.make(service=service)
    body = {"service_id": service.pk, "target_id": site.target.pk}
    fields = site.api.post(PREVIEW, body).refused(400, "validation_error")["fields"]
    assert set(fields) == {"target_id"}
