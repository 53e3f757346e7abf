"""Objects deleted through `Kube`, and names that lead nowhere else."""

from __future__ import annotations

import pytest

from clusters.kube.api import Kube
from clusters.kube.transport import Refused
from tests.clusters.kube.kinds import CONFIG_MAPS, DEPLOYMENTS, NAMESPACES
from tests.kube.cluster import Cluster, StandIn
from tests.kube.manifests import config_map, deployment


def test_what_is_deleted_is_gone(kube: Kube, namespace: str) -> None:
    kube.apply(CONFIG_MAPS, config_map(namespace))

    assert kube.delete(CONFIG_MAPS, namespace, "settings")

    assert kube.get(CONFIG_MAPS, namespace, "settings") is None
    assert not kube.delete(CONFIG_MAPS, namespace, "settings")


@pytest.mark.parametrize("foreground", [False, True])
def test_a_dry_run_deletes_nothing(kube: Kube, namespace: str, *, foreground: bool) -> None:
    before = kube.apply(DEPLOYMENTS, deployment(namespace))

    assert kube.delete(DEPLOYMENTS, namespace, "web", dry_run=True, foreground=foreground)

    assert kube.get(DEPLOYMENTS, namespace, "web") == before


def test_only_the_object_that_was_meant(kube: Kube, namespace: str) -> None:
    made = kube.apply(CONFIG_MAPS, config_map(namespace))

    other = "11111111-1111-1111-1111-111111111111"
    assert not kube.delete(CONFIG_MAPS, namespace, "settings", uid=other)
    assert kube.get(CONFIG_MAPS, namespace, "settings") is not None

    assert kube.delete(CONFIG_MAPS, namespace, "settings", uid=made["metadata"]["uid"])
    assert kube.get(CONFIG_MAPS, namespace, "settings") is None


def test_in_the_foreground_it_waits_for_what_it_owns(
    cluster: Cluster, kube: Kube, namespace: str
) -> None:
    if cluster.has_controllers:
        pytest.skip("this cluster's own controllers end the wait at once")
    kube.apply(DEPLOYMENTS, deployment(namespace))

    assert kube.delete(DEPLOYMENTS, namespace, "web", foreground=True)

    waiting = kube.get(DEPLOYMENTS, namespace, "web")
    assert waiting is not None
    assert waiting["metadata"]["deletionTimestamp"]
    assert waiting["metadata"]["finalizers"] == ["foregroundDeletion"]


def test_what_is_forbidden(kube: Kube) -> None:
    with pytest.raises(Refused) as refused:
        kube.delete(NAMESPACES, "", "default", dry_run=True)

    assert refused.value.message == (
        'namespaces "default" is forbidden: this namespace may not be deleted'
    )


@pytest.mark.parametrize("name", ["..", ".", "../secrets/key", "web/status", "web%2fstatus"])
def test_names_that_are_paths_are_not_sent(stand_in: StandIn, name: str) -> None:
    """`configmaps/..` is the namespace: what deletes the one must not delete the other."""
    namespace = stand_in.namespace()
    asked = len(stand_in.asked)

    with Kube(stand_in.login) as kube:
        for call in (
            lambda: kube.delete(CONFIG_MAPS, namespace, name),
            lambda: kube.get(CONFIG_MAPS, namespace, name),
            lambda: kube.get(CONFIG_MAPS, name, "settings"),
            lambda: kube.apply(CONFIG_MAPS, config_map(namespace, name)),
            lambda: kube.log(namespace, name, "web", tail=1),
            lambda: list(kube.list(CONFIG_MAPS, name)),
        ):
            with pytest.raises(Refused) as refused:
                call()
            assert (refused.value.status, refused.value.reason) == (422, "Invalid")
        assert len(stand_in.asked) == asked
        assert kube.get(NAMESPACES, "", namespace) is not None


def test_other_names_are_quoted(stand_in: StandIn) -> None:
    """Roles have colons in their names; anything else that is odd is the API's to refuse."""
    namespace = stand_in.namespace()

    with Kube(stand_in.login) as kube:
        assert kube.get(CONFIG_MAPS, namespace, "a b?c#d:e.f") is None

    path = f"/api/v1/namespaces/{namespace}/configmaps/a%20b%3Fc%23d%3Ae.f"
    assert stand_in.asked[-1] == ("GET", path)
