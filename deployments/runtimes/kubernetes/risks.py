"""What about a release's objects is a risk. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from config.core.risk import Finding, Rule
from deployments.runtimes.images import moves
from deployments.runtimes.kubernetes.objects import Object, containers, part, parts, pod_spec

_SOCKETS: Final = ("docker.sock", "containerd.sock", "crio.sock", "cri-dockerd.sock")
_ABOVE_SOCKETS: Final = ("", "/run", "/var", "/var/run", "/run/containerd")
_PROBED: Final = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod")
_ROLES: Final = ("ClusterRole", "ClusterRoleBinding")


def findings(objects: Sequence[Object]) -> list[Finding]:
    found: list[Finding] = []
    for one in objects:
        name = f"{one['kind']} {one['metadata']['name']}"
        if one["kind"] in _ROLES:
            found.append(Finding(Rule.CLUSTER_ROLE, f"{name} gives rights in the whole cluster"))
        if pod := pod_spec(one):
            found += _of_pod(name, pod)
            for container in containers(one):
                found += _of_container(f"{name}/{container.get('name', '')}", container)
            found += _unprobed(name, one)
    return found


def _of_pod(name: str, pod: Mapping[str, Any]) -> list[Finding]:
    spaces = [key for key in ("hostNetwork", "hostPID", "hostIPC") if pod.get(key)]
    paths = [
        str(part(volume, "hostPath").get("path", ""))
        for volume in parts(pod, "volumes")
        if "hostPath" in volume
    ]
    sockets = [
        path for path in paths if path.endswith(_SOCKETS) or path.rstrip("/") in _ABOVE_SOCKETS
    ]
    rules = [
        (sockets, Rule.DOCKER_SOCKET, "reaches the container runtime's socket"),
        (paths, Rule.HOST_MOUNT, f"mounts from the host: {', '.join(paths)}"),
        (spaces, Rule.HOST_NAMESPACE, f"shares with the host: {', '.join(spaces)}"),
        (_loosened(pod), Rule.SECURITY_OPTIONS, "runs without a seccomp profile"),
    ]
    return [Finding(rule, f"{name} {text}") for applies, rule, text in rules if applies]


def _of_container(name: str, container: Mapping[str, Any]) -> list[Finding]:
    context = part(container, "securityContext")
    added = part(context, "capabilities").get("add") or []
    added = added if isinstance(added, list) else [added]
    loose = context.get("procMount") == "Unmasked" or _loosened(container)
    image = str(container.get("image", ""))
    rules = [
        (context.get("privileged"), Rule.PRIVILEGED, "runs privileged"),
        (added, Rule.CAPABILITIES, f"adds capabilities: {', '.join(map(str, added))}"),
        (loose, Rule.SECURITY_OPTIONS, "loosens what confines it"),
        (moves(image), Rule.MOVING_TAG, f"uses a tag that moves: {image}"),
    ]
    return [Finding(rule, f"{name} {text}") for applies, rule, text in rules if applies]


def _unprobed(name: str, one: Object) -> list[Finding]:
    if one["kind"] not in _PROBED:
        return []
    without = [
        str(container.get("name", ""))
        for container in parts(pod_spec(one), "containers")
        if not container.get("readinessProbe")
    ]
    text = f"{name} has no readiness probe: {', '.join(without)}"
    return [Finding(Rule.NO_HEALTH_CHECK, text)] if without else []


def _loosened(holder: Mapping[str, Any]) -> bool:
    return part(holder, "securityContext", "seccompProfile").get("type") == "Unconfined"
