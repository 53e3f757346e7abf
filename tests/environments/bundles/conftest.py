"""A bundle kubeadm of stand-ins, and sandboxes to run its hooks on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from environments.bundles.build import build
from environments.bundles.sound import Sound
from environments.bundles.verify import require_sound
from tests.environments.bundles.kubeadm_hosts import Cluster, hosts
from tests.environments.bundles.test_hooks import SOURCE
from tests.kube.cluster import StandIn
from tests.kube.kubeadm_standins.calls import Answering
from tests.kube.kubeadm_standins.control import Control
from tests.kube.kubeadm_standins.programs import bring


@pytest.fixture
def control(stand_in: StandIn) -> Iterator[Control]:
    made = Control(stand_in)
    yield made
    assert made.broken == []


@pytest.fixture(scope="session")
def kubeadm_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("kubeadm")
    (made / "shared").mkdir()
    return made


@pytest.fixture(scope="session")
def kubeadm_bundle(kubeadm_folder: Path) -> Sound:
    """The bundle as it is built from the directory of stand-ins."""
    socket = kubeadm_folder / "shared/socket"
    text_of = Answering(lambda _: "", socket).text_of
    socket.unlink()
    brought = bring(kubeadm_folder / "brought", text_of)
    root = kubeadm_folder / "root"
    bundle = build("kubeadm", root=root, source=SOURCE, source_dir=brought)
    return require_sound(root, bundle.name, bundle.version)


@pytest.fixture
def cluster(
    tmp_path: Path, kubeadm_folder: Path, kubeadm_bundle: Sound, control: Control
) -> Iterator[Cluster]:
    """`with cluster("cp worker") as hosts`"""
    socket = kubeadm_folder / "shared/socket"
    with Answering(control, socket) as answering:
        yield lambda roles: hosts(tmp_path, answering, control, kubeadm_bundle, roles)
    socket.unlink()
