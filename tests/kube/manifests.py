"""Small manifests of the kinds that tests apply."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def deployment(namespace: str, name: str = "web", *, image: str = "nginx:1", **spec: Any) -> Object:
    made = _workload("Deployment", namespace, name, image)
    return made | {"spec": made["spec"] | spec}


def stateful_set(namespace: str, name: str = "db", *, image: str = "nginx:1") -> Object:
    made = _workload("StatefulSet", namespace, name, image)
    return made | {"spec": made["spec"] | {"serviceName": name}}


def daemon_set(namespace: str, name: str = "agent", *, image: str = "nginx:1") -> Object:
    return _workload("DaemonSet", namespace, name, image)


def job(namespace: str, name: str = "once", *, image: str = "busybox:1") -> Object:
    pod = {"restartPolicy": "Never", "containers": [{"name": name, "image": image}]}
    spec = {"backoffLimit": 1, "template": {"spec": pod}}
    return _object("batch/v1", "Job", namespace, name) | {"spec": spec}


def service(namespace: str, name: str = "web", **spec: Any) -> Object:
    ports = [{"name": "http", "port": 80, "protocol": "TCP"}]
    given = {"selector": {"app": name}, "ports": ports, **spec}
    return _object("v1", "Service", namespace, name) | {"spec": given}


def config_map(namespace: str, name: str = "settings", **data: str) -> Object:
    return _object("v1", "ConfigMap", namespace, name) | {"data": data}


def claim(namespace: str, name: str = "data", *, size: str = "1Gi") -> Object:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    return _object("v1", "PersistentVolumeClaim", namespace, name) | {"spec": spec}


def ingress(namespace: str, name: str = "web") -> Object:
    backend = {"service": {"name": name, "port": {"number": 80}}}
    spec = {"defaultBackend": backend}
    return _object("networking.k8s.io/v1", "Ingress", namespace, name) | {"spec": spec}


def definition(group: str = "example.com", kind: str = "Thing") -> Object:
    """A kind of objects with any spec."""
    plural = f"{kind.lower()}s"
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": anything}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"}
    spec = {"group": group, "scope": "Namespaced", "names": names, "versions": [version]}
    made = _object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", f"{plural}.{group}")
    return made | {"spec": spec}


def _workload(kind: str, namespace: str, name: str, image: str) -> Object:
    pod = {"containers": [{"name": name, "image": image}]}
    template = {"metadata": {"labels": {"app": name}}, "spec": pod}
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return _object("apps/v1", kind, namespace, name, {"app": name}) | {"spec": spec}


def _object(
    api_version: str, kind: str, namespace: str, name: str, labels: dict[str, str] | None = None
) -> Object:
    meta: Object = {"name": name} | ({"namespace": namespace} if namespace else {})
    meta |= {"labels": labels} if labels else {}
    return {"apiVersion": api_version, "kind": kind, "metadata": meta}
