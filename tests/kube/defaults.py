"""What the API fills in that nobody wrote, for the kinds that Slipway applies."""

from __future__ import annotations

import base64
import copy
from typing import Any, Final

Object = dict[str, Any]

_ROLLING: Final[dict[str, Object]] = {
    "Deployment": {"maxUnavailable": "25%", "maxSurge": "25%"},
    "StatefulSet": {"partition": 0},
    "DaemonSet": {"maxUnavailable": 1, "maxSurge": 0},
}
_SPECS: Final[dict[str, Object]] = {
    "Deployment": {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600},
    "StatefulSet": {
        "replicas": 1,
        "podManagementPolicy": "OrderedReady",
        "revisionHistoryLimit": 10,
    },
    "DaemonSet": {"revisionHistoryLimit": 10},
    "ReplicaSet": {"replicas": 1},
    "Job": {"parallelism": 1, "completions": 1, "backoffLimit": 6},
    "CronJob": {
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    },
    "PersistentVolumeClaim": {"volumeMode": "Filesystem"},
    "Namespace": {"finalizers": ["kubernetes"]},
    "CustomResourceDefinition": {"conversion": {"strategy": "None"}},
}
_POD: Final[Object] = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "securityContext": {},
    "schedulerName": "default-scheduler",
}
_CONTAINER: Final[Object] = {
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
}
_PROBE: Final[Object] = {
    "timeoutSeconds": 1,
    "periodSeconds": 10,
    "successThreshold": 1,
    "failureThreshold": 3,
}
_STATUS: Final[dict[str, Object]] = {
    "StatefulSet": {"replicas": 0},
    "PersistentVolumeClaim": {"phase": "Pending"},
    "Namespace": {"phase": "Active"},
    "Service": {"loadBalancer": {}},
    "Ingress": {"loadBalancer": {}},
    "Pod": {"phase": "Pending"},
}
_WITH_STATUS: Final = {"Deployment", "DaemonSet", "ReplicaSet", "Job", "CronJob", *_STATUS}
_FINALIZERS: Final = {"PersistentVolumeClaim": "kubernetes.io/pvc-protection"}


def complete(obj: Object, *, number: int) -> None:
    """Fills in what is missing, in place. `number`: of this object, for its addresses."""
    kind = str(obj.get("kind"))
    spec = obj.get("spec")
    if kind in _SPECS or kind == "Service":
        spec = obj.setdefault("spec", {})
        _lay(spec, _SPECS.get(kind, {}))
    if kind in _ROLLING and isinstance(spec, dict):
        _strategy(spec, kind)
    if kind == "Service" and isinstance(spec, dict):
        _service(spec, number)
    if kind == "Job":
        _job(obj)
    if kind == "Secret":
        _secret(obj)
    if kind == "Pod" and isinstance(spec, dict):
        _pod(spec)
    elif isinstance(spec, dict) and isinstance(spec.get("template"), dict):
        _pod(spec["template"].setdefault("spec", {}))
    if kind in _WITH_STATUS:
        _lay(obj.setdefault("status", {}), _STATUS.get(kind, {}))


def finalizers(kind: str) -> list[str]:
    """Of a new object of this kind."""
    return [_FINALIZERS[kind]] if kind in _FINALIZERS else []


def _lay(value: Object, under: Object) -> None:
    for name, default in under.items():
        if name not in value:
            value[name] = copy.deepcopy(default)


def _strategy(spec: Object, kind: str) -> None:
    field = "strategy" if kind == "Deployment" else "updateStrategy"
    found = spec.setdefault(field, {})
    _lay(found, {"type": "RollingUpdate"})
    if found["type"] == "RollingUpdate":
        _lay(found.setdefault("rollingUpdate", {}), _ROLLING[kind])


def _service(spec: Object, number: int) -> None:
    _lay(spec, {"type": "ClusterIP", "sessionAffinity": "None"})
    for at, port in enumerate(spec.get("ports") or []):
        _lay(port, {"protocol": "TCP", "targetPort": port.get("port")})
        if spec["type"] in ("NodePort", "LoadBalancer"):
            _lay(port, {"nodePort": 30000 + (number * 8 + at) % 2768})
    if spec["type"] != "ExternalName":
        address = f"10.96.{number // 250 % 250}.{number % 250 + 2}"
        _lay(spec, {"clusterIP": address})
        _lay(spec, {"clusterIPs": [spec["clusterIP"]]})
        _lay(spec, {"ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"})
        _lay(spec, {"internalTrafficPolicy": "Cluster"})


def _job(obj: Object) -> None:
    """A job's pods are found by its uid: its selector is the API's."""
    uid, name = obj["metadata"].get("uid"), obj["metadata"].get("name")
    spec = obj["spec"]
    if spec.get("manualSelector") or not uid:
        return
    labels = {"controller-uid": uid, "job-name": name}
    meta = spec.setdefault("template", {}).setdefault("metadata", {})
    _lay(meta.setdefault("labels", {}), labels)
    if not obj["metadata"].get("labels"):  # then it has its pods'
        obj["metadata"]["labels"] = dict(meta["labels"])
    _lay(spec, {"selector": {"matchLabels": {"controller-uid": uid}}})


def _secret(obj: Object) -> None:
    obj.setdefault("type", "Opaque")
    for name, text in (obj.pop("stringData", None) or {}).items():
        data = base64.b64encode(str(text).encode()).decode()
        obj.setdefault("data", {})[name] = data


def _pod(spec: Object) -> None:
    _lay(spec, _POD)
    for container in [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]:
        _lay(container, _CONTAINER)
        tag = str(container.get("image", "")).rpartition("/")[2].partition(":")[2]
        policy = "Always" if tag in ("", "latest") else "IfNotPresent"
        _lay(container, {"imagePullPolicy": policy})
        for port in container.get("ports") or []:
            _lay(port, {"protocol": "TCP"})
        for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
            if isinstance(container.get(probe), dict):
                _lay(container[probe], _PROBE)
                if "httpGet" in container[probe]:
                    _lay(container[probe]["httpGet"], {"path": "/", "scheme": "HTTP"})
    for volume in spec.get("volumes") or []:
        for source in ("configMap", "secret"):
            if isinstance(volume.get(source), dict):
                _lay(volume[source], {"defaultMode": 420})
