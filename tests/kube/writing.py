"""What controllers write, over HTTP: objects that are there at once, statuses, finalizers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from clusters.kube.api import Kube, Resource
from clusters.kube.transport import Refused

Object = dict[str, Any]

_MERGE: Final = "application/merge-patch+json"
_MANAGER: Final = {"fieldManager": "controllers"}


def resource(kube: Kube, api_version: str, kind: str) -> Resource:
    found = kube.resource(api_version, kind)
    assert found is not None, f"the cluster serves no {kind} of {api_version}"
    return found


def create(kube: Kube, obj: Object) -> Object:
    """As it is afterwards; as it was when it was there already."""
    of = resource(kube, obj["apiVersion"], obj["kind"])
    namespace = obj["metadata"].get("namespace", "")
    try:
        return kube._transport.json("POST", _path(of, namespace), _MANAGER, obj)
    except Refused as refused:
        found = kube.get(of, namespace, obj["metadata"]["name"]) if refused.status == 409 else None
        if found is None:
            raise
        return found


def patch(kube: Kube, obj: Object, changes: Object, part: str = "") -> Object:
    """A merge patch of an object or its subresource."""
    of = resource(kube, obj["apiVersion"], obj["kind"])
    path = _path(of, obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
    path += f"/{part}" if part else ""
    return kube._transport.json("PATCH", path, _MANAGER, changes, _MERGE)


def set_status(kube: Kube, obj: Object, status: Object) -> Object:
    """What isn't in `status` stays as it is; a None takes it away."""
    return patch(kube, obj, {"status": status}, "status")


def annotate(kube: Kube, obj: Object, annotations: Object) -> Object:
    return patch(kube, obj, {"metadata": {"annotations": annotations}})


def delete_now(kube: Kube, obj: Object) -> None:
    """Without the time that pods have to end; nothing where it is gone."""
    of = resource(kube, obj["apiVersion"], obj["kind"])
    path = _path(of, obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
    body = {
        "gracePeriodSeconds": 0,
        "propagationPolicy": "Background",
        "preconditions": {"uid": obj["metadata"]["uid"]},
    }
    try:
        kube._transport.json("DELETE", path, {}, body)
    except Refused as refused:
        if refused.status not in (404, 409):
            raise


def event(kube: Kube, about: Object, reason: str, message: str, kind: str = "Warning") -> Object:
    """A note about an object. `kind`: Normal or Warning."""
    meta, now = about["metadata"], timestamp()
    name = f"{meta['name']}.{datetime.now(UTC).timestamp():.6f}".replace(".", "-")
    return create(
        kube,
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": meta["namespace"]},
            "involvedObject": {
                "apiVersion": about["apiVersion"],
                "kind": about["kind"],
                "name": meta["name"],
                "namespace": meta["namespace"],
                "uid": meta["uid"],
            },
            "type": kind,
            "reason": reason,
            "message": message,
            "count": 1,
            "firstTimestamp": now,
            "lastTimestamp": now,
            "source": {"component": "controllers"},
        },
    )


def timestamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def condition(kind: str, reason: str, message: str = "", *, holds: bool = True) -> Object:
    told = {"type": kind, "status": "True" if holds else "False", "reason": reason}
    return told | {"message": message, "lastTransitionTime": timestamp()}


def owned_by(owner: Object) -> list[Object]:
    """For `metadata.ownerReferences`."""
    meta = owner["metadata"]
    kept = {"controller": True, "blockOwnerDeletion": True}
    told = {"apiVersion": owner["apiVersion"], "kind": owner["kind"]}
    return [told | {"name": meta["name"], "uid": meta["uid"]} | kept]


def _path(of: Resource, namespace: str, name: str = "") -> str:
    root = f"/apis/{of.api_version}" if of.group else f"/api/{of.api_version}"
    root += f"/namespaces/{quote(namespace)}" if of.namespaced else ""
    return f"{root}/{of.plural}" + (f"/{quote(name)}" if name else "")
