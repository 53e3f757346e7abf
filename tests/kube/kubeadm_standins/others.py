"""What kubectl, ctr, crictl, the kubelet and containerd answer; and systemd, where none runs."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING, Final

from tests.kube.kubeadm_standins.calls import Answer, Call, said

if TYPE_CHECKING:
    from tests.kube.kubeadm_standins.control import Control

_ENDLESS: Final = "while :; do sleep 1; done\n"


def answers(control: Control) -> dict[str, Answer]:
    return {
        "kubectl": lambda call: _kubectl(control, call),
        "kubelet": lambda _: _ENDLESS,
        "containerd": lambda _: "systemd-notify --ready\n" + _ENDLESS,
        "containerd-shim-runc-v2": lambda _: said(""),
        "runc": lambda _: said("runc version 1.1.14"),
        "ctr": lambda call: _ctr(control, call),
        "crictl": _crictl,
        "systemctl": lambda call: _systemctl(control, call),
        "journalctl": lambda _: said("kubelet: the stand-in's journal"),
        "timedatectl": lambda _: said("yes"),
        "modprobe": lambda _: said(""),
    }


def _kubectl(control: Control, call: Call) -> str:
    kubeconfig, *asked = call.arguments[1:]
    there = f"[ -s {kubeconfig} ] || {{ echo 'error: no such kubeconfig' >&2; exit 1; }}\n"
    if asked == ["get", "--raw", "/readyz"]:
        return there + (said("ok") if control.members else said("refused", 1))
    if asked[:2] == ["get", "nodes"]:
        rows = [f"{name}={control.status_of(name)}" for name in sorted(control.members)]
        if asked[-1] == "wide":
            rows = [row.replace("=", "  Ready: ") for row in ["NAME=STATUS", *rows]]
        return there + said("\n".join(rows))
    if asked[:2] == ["get", "pods"]:
        return there + said("kube-system  coredns-0  0/1  Pending")
    if asked[:2] == ["apply", "--server-side"]:
        control.has_network = True
        return there + said("daemonset.apps/network serverside-applied")
    return ""


def _ctr(control: Control, call: Call) -> str:
    if call.arguments[:2] != ("--namespace", "k8s.io"):
        return ""
    if call.arguments[2:4] == ("images", "import"):
        names = _names_in(call.file)
        control.images[call.host] |= names
        return said("\n".join(f"unpacking {name}...done" for name in sorted(names)))
    if call.arguments[2:] == ("images", "list", "--quiet"):
        return said("\n".join(sorted(control.images[call.host])))
    return ""


def _names_in(archive: bytes) -> set[str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        manifest = opened.extractfile("manifest.json")
        assert manifest is not None
        return {name for image in json.load(manifest) for name in image["RepoTags"]}


def _crictl(call: Call) -> str:
    return said("CONTAINER  IMAGE  STATE") if call.arguments == ("ps", "--all") else ""


def _systemctl(control: Control, call: Call) -> str:
    """Every verb that the hooks use; `services` has the last of each unit's."""
    verb, *rest = [word for word in call.arguments if not word.startswith("--")]
    states = control.services[call.host]
    if verb == "is-active":
        return said("", 0 if states.get(rest[0]) in ("start", "restart") else 3)
    for unit in rest:
        states[unit] = verb
    return said("")
