"""The directory that an operator would bring to `bundle build kubeadm --from`: of stand-ins."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from tests.kube.kubeadm_standins.calls import VERSION

IMAGES: Final = (
    f"registry.k8s.io/kube-apiserver:{VERSION}",
    f"registry.k8s.io/kube-controller-manager:{VERSION}",
    f"registry.k8s.io/kube-scheduler:{VERSION}",
    f"registry.k8s.io/kube-proxy:{VERSION}",
    "registry.k8s.io/coredns/coredns:v1.11.3",
    "registry.k8s.io/pause:3.10",
    "registry.k8s.io/etcd:3.5.15-0",
)
NETWORK: Final = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: network, namespace: kube-system}
data: {net-conf.json: '{"Network": "10.244.0.0/16"}'}
"""
TextOf = Callable[[str], str]


def bring(directory: Path, text_of: TextOf, *, runtime: tuple[Path, ...] = ()) -> Path:
    """Fills `directory`; `text_of` a program's name is the stand-in. `runtime`: Debian packages
    with a real containerd instead of a stand-in's archive."""
    for name in ("kubeadm", "kubelet", "kubectl", "crictl"):
        _write(directory / name, text_of(name).encode())
    plugins = {f"./{name}": text_of(name) for name in ("bridge", "loopback", "portmap")}
    _write(directory / "cni-plugins-linux-amd64-v1.5.1.tgz", packed(plugins))
    if runtime:
        for file in runtime:
            shutil.copy(file, directory / f"{file.stem}_0_amd64.deb")
    else:
        names = ("containerd", "ctr", "containerd-shim-runc-v2")
        programs = {f"bin/{name}": text_of(name) for name in names}
        _write(directory / "containerd-1.7.22-linux-amd64.tar.gz", packed(programs))
        _write(directory / "runc.amd64", text_of("runc").encode())
    _write(directory / "cni/network.yaml", NETWORK.encode())
    _write(directory / "images/control-plane.tar", image_archive(IMAGES[:3]))
    _write(directory / "images/all-nodes.tar", image_archive(IMAGES[3:]))
    package(directory, "conntrack", {"usr/sbin/conntrack": text_of("conntrack")})
    return directory


def packed(programs: Mapping[str, str]) -> bytes:
    """A compressed archive of programs, with a file beside them that is none."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w:gz") as archive:
        for name, text in programs.items():
            _add(archive, name, text.encode(), 0o755)
        _add(archive, "./LICENSE", b"none\n", 0o644)
    return output.getvalue()


def image_archive(names: tuple[str, ...]) -> bytes:
    """In the form of `docker save`: one image without files, under all these names."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w"):
        pass
    digest = sha256(layer.getvalue()).hexdigest()
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Labels": {"names": " ".join(names)}},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        }
    ).encode()
    config_name = f"{sha256(config).hexdigest()}.json"
    manifest = [{"Config": config_name, "RepoTags": list(names), "Layers": [f"{digest}/layer.tar"]}]
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as archive:
        _add(archive, config_name, config, 0o644)
        _add(archive, f"{digest}/layer.tar", layer.getvalue(), 0o644)
        _add(archive, "manifest.json", json.dumps(manifest).encode(), 0o644)
    return output.getvalue()


def package(directory: Path, name: str, programs: Mapping[str, str]) -> Path:
    """A Debian package of these programs."""
    tree = directory / f".{name}"
    for path, text in programs.items():
        _write(tree / path, text.encode())
        (tree / path).chmod(0o755)
    control = f"Package: {name}\nVersion: 1.0\nArchitecture: amd64\n"
    control += "Maintainer: nobody\nDescription: stands in\n"
    _write(tree / "DEBIAN/control", control.encode())
    made = directory / f"{name}_1.0_amd64.deb"
    command = ["dpkg-deb", "--root-owner-group", "--build", str(tree), str(made)]
    subprocess.run(command, check=True, capture_output=True)
    shutil.rmtree(tree)
    return made


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))
