"""The arithmetic of server-side apply, against what a real API (1.20) answered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kube import answers, fields, managers
from tests.kube.declared import undeclared
from tests.kube.managers import Manager

OURS = Manager("ours", "Apply", "apps/v1")
THEIRS = Manager("theirs", "Apply", "apps/v1")
EDITOR = Manager("editor", "Update", "apps/v1")


def deployment(*containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    pod = {"containers": list(containers) or [{"name": "c", "image": "nginx:1"}]}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": pod}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template, **spec},
    }


def applied(
    live: dict[str, Any] | None, wanted: dict[str, Any], manager: Manager, *, force: bool = False
) -> dict[str, Any]:
    """With its managers written."""
    before = live or {"apiVersion": "apps/v1", "kind": wanted["kind"], "metadata": {}}
    result, owners = managers.applied(before, wanted, manager, force=force)
    managers.write(result, owners, before, "2026-01-01T00:00:00Z")
    return result


def test_what_an_applied_object_owns() -> None:
    """Selectors are one value; the items of lists with keys are owned as such, too."""
    assert fields.encoded(fields.owned(deployment(replicas=1))) == {
        "f:metadata": {"f:labels": {"f:app": {}}},
        "f:spec": {
            "f:replicas": {},
            "f:selector": {},
            "f:template": {
                "f:metadata": {"f:labels": {"f:app": {}}},
                "f:spec": {
                    "f:containers": {'k:{"name":"c"}': {".": {}, "f:image": {}, "f:name": {}}}
                },
            },
        },
    }


def test_ports_of_services_have_two_keys() -> None:
    service = {
        "kind": "Service",
        "spec": {"ports": [{"name": "http", "port": 80}], "selector": {"app": "web"}},
    }

    assert fields.encoded(fields.owned(service)) == {
        "f:spec": {
            "f:ports": {
                'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:name": {}, "f:port": {}},
            },
            "f:selector": {"f:app": {}},
        }
    }


@pytest.mark.parametrize(
    "wanted",
    [
        deployment(replicas=1),
        deployment({"name": "a"}, {"name": "b", "ports": [{"containerPort": 80}]}),
        {"kind": "ConfigMap", "metadata": {"finalizers": ["a", "b"]}, "data": {}},
    ],
)
def test_fields_are_read_as_they_are_written(wanted: dict[str, Any]) -> None:
    owned = fields.owned(wanted)

    assert fields.decoded(fields.encoded(owned)) == owned


def test_paths_in_messages() -> None:
    paths = fields.owned(deployment({"name": "c", "ports": [{"containerPort": 80}]}))

    told = {fields.dotted(path) for path in paths}

    assert '.spec.template.spec.containers[name="c"].name' in told
    port = '.spec.template.spec.containers[name="c"].ports[containerPort=80,protocol="TCP"]'
    assert port in told


def test_lists_with_keys_are_merged_others_replaced() -> None:
    live = deployment({"name": "a", "image": "a:1"}, {"name": "b", "args": ["x", "y"]})

    result = fields.merged(
        live, deployment({"name": "b", "args": ["z"]}, {"name": "n"}), "Deployment"
    )

    assert result["spec"]["template"]["spec"]["containers"] == [
        {"name": "b", "args": ["z"]},
        {"name": "n"},
        {"name": "a", "image": "a:1"},
    ]


def test_the_same_key_twice() -> None:
    with pytest.raises(fields.DuplicateKey, match=r'containers: duplicate .* \[name="c"\]'):
        fields.owned(deployment({"name": "c"}, {"name": "c"}))


def test_what_was_applied_and_is_no_more_goes() -> None:
    first = applied(None, deployment(replicas=2, strategy={"rollingUpdate": {"maxSurge": 1}}), OURS)
    first["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] = "25%"  # a default below it

    second = applied(first, deployment(), OURS)

    assert second["spec"].keys() == {"selector", "template"}


def test_what_nobody_applied_stays() -> None:
    first = applied(None, deployment(), OURS)
    first["spec"]["replicas"] = 1

    assert applied(first, deployment(), OURS)["spec"]["replicas"] == 1


def test_what_somebody_else_owns_too_stays() -> None:
    shared = applied(applied(None, deployment(replicas=2), OURS), deployment(replicas=2), THEIRS)

    left = applied(shared, deployment(), OURS)

    assert left["spec"]["replicas"] == 2
    assert ("f:spec", "f:replicas") not in managers.of(left)[OURS]


def test_conflicts() -> None:
    """Word for word as the real API puts them."""
    live = applied(None, deployment(replicas=1), OURS)

    with pytest.raises(answers.Refusal) as two:
        applied(live, deployment({"name": "c", "image": "nginx:9"}, replicas=5), THEIRS)
    with pytest.raises(answers.Refusal) as one:
        applied(live, deployment({"name": "c", "image": "nginx:9"}), THEIRS)

    assert two.value.body() == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'Apply failed with 2 conflicts: conflicts with "ours":\n- .spec.replicas\n'
        '- .spec.template.spec.containers[name="c"].image',
        "reason": "Conflict",
        "details": {
            "causes": [
                {
                    "reason": "FieldManagerConflict",
                    "message": 'conflict with "ours"',
                    "field": ".spec.replicas",
                },
                {
                    "reason": "FieldManagerConflict",
                    "message": 'conflict with "ours"',
                    "field": '.spec.template.spec.containers[name="c"].image',
                },
            ]
        },
        "code": 409,
    }
    assert one.value.message == (
        'Apply failed with 1 conflict: conflict with "ours":'
        ' .spec.template.spec.containers[name="c"].image'
    )


def test_force_takes_fields_away_from_others() -> None:
    live = applied(None, deployment(replicas=1), OURS)

    forced = applied(live, deployment(replicas=5), THEIRS, force=True)

    replicas = ("f:spec", "f:replicas")
    owners = managers.of(forced)
    assert forced["spec"]["replicas"] == 5
    assert replicas in owners[THEIRS]
    assert replicas not in owners[OURS]
    assert ("f:spec", "f:selector") in owners[OURS]


def test_who_changes_a_field_owns_it() -> None:
    live = applied(None, deployment(replicas=1), OURS)
    changed = fields.merged(live, {"spec": {"replicas": 4}}, "Deployment")

    owners = managers.updated(live, changed, EDITOR)

    assert owners[EDITOR] == {("f:spec", "f:replicas")}
    assert ("f:spec", "f:replicas") not in owners[OURS]


def test_a_map_that_an_update_makes_is_its_own() -> None:
    live = applied(None, deployment(), OURS)
    rolling = {"strategy": {"rollingUpdate": {"maxSurge": 1}}}
    changed = fields.merged(live, {"spec": rolling}, "Deployment")

    owned = managers.updated(live, changed, EDITOR)[EDITOR]

    assert fields.encoded(owned) == {
        "f:spec": {"f:strategy": {"f:rollingUpdate": {".": {}, "f:maxSurge": {}}}}
    }


def test_an_entry_keeps_its_time_while_it_is_the_same() -> None:
    first = applied(None, deployment(), OURS)
    _, owners = managers.applied(first, deployment(replicas=2), THEIRS, force=False)
    managers.write(first, owners, first, "2027-01-01T00:00:00Z")

    times = {entry["manager"]: entry["time"] for entry in first["metadata"]["managedFields"]}

    assert times == {"ours": "2026-01-01T00:00:00Z", "theirs": "2027-01-01T00:00:00Z"}


def test_fields_that_the_api_does_not_have() -> None:
    wanted = deployment({"name": "c", "imag": "x"}, replicaz=1)
    wanted["spec"]["template"]["spec"]["nodeName2"] = 1

    assert set(undeclared(wanted | {"bogus": 1})) == {
        ".bogus",
        ".spec.replicaz",
        ".spec.template.spec.nodeName2",
        '.spec.template.spec.containers[name="c"].imag',
    }
    assert list(undeclared(deployment(replicas=1))) == []
    assert list(undeclared({"kind": "Thing", "anything": 1})) == []
