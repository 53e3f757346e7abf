"""What Slipway asks of a Kubernetes API. Objects are plain JSON values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from clusters.kube.transport import READ_SECONDS, Login, Object, Refused, Transport
from config.core.errors import ClusterUnreachable

FIELD_MANAGER: Final = "slipway"
_PAGE: Final = 500
_PAGES: Final = 400  # a list that goes on after that does not end
_VERSION: Final = re.compile(r"([a-z0-9.-]+/)?[a-z0-9]+")  # goes into a path
_LOG_BYTES: Final = 256 * 1024


@dataclass(frozen=True)
class Resource:
    """One kind of object, as discovery tells it."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    @property
    def group(self) -> str:
        return self.api_version.rpartition("/")[0]

    @property
    def name(self) -> str:
        """As in messages and roles: `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


class Kube:
    """A connection to one cluster, for any number of threads; a context manager.

    Every method raises what `Transport` raises. Server-side apply is in the name of one field
    manager.
    """

    def __init__(self, login: Login, *, read_seconds: float = READ_SECONDS) -> None:
        self._transport = Transport(login, read_seconds=read_seconds)
        self._resources: dict[str, dict[str, Resource]] = {}

    def __enter__(self) -> Kube:
        return self

    def __exit__(self, *_: object) -> None:
        self._transport.close()

    def version(self) -> str:
        try:
            return str(self._transport.json("GET", "/version").get("gitVersion", ""))
        except Refused as error:
            text = f"The cluster does not tell its version: {error.message}"
            raise ClusterUnreachable(text) from None

    def resource(self, api_version: str, kind: str) -> Resource | None:
        """None for a kind that the cluster doesn't serve."""
        if api_version not in self._resources:
            self._resources[api_version] = self._discovered(api_version)
        return self._resources[api_version].get(kind)

    def forget_kinds(self) -> None:
        """Asks discovery again: a CRD was added."""
        self._resources.clear()

    def get(self, resource: Resource, namespace: str, name: str) -> Object | None:
        try:
            return self._transport.json("GET", _path(resource, namespace, name))
        except Refused as error:
            if error.status == 404:
                return None
            raise

    def list(
        self, resource: Resource, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Iterator[Object]:
        """All objects, page by page; `labels`, `fields`: selectors."""
        query = {"limit": str(_PAGE)}
        query |= {"labelSelector": labels} if labels else {}
        query |= {"fieldSelector": fields} if fields else {}
        for _ in range(_PAGES):
            page = self._transport.json("GET", _path(resource, namespace), query)
            for found in page.get("items") or []:
                # A list doesn't say in each item what it is a list of.
                yield {"apiVersion": resource.api_version, "kind": resource.kind, **found}
            token = (page.get("metadata") or {}).get("continue")
            if not token:
                return
            query["continue"] = token
        raise ClusterUnreachable("The cluster's answer does not end.")

    def apply(
        self, resource: Resource, wanted: Object, *, dry_run: bool = False, force: bool = False
    ) -> Object:
        """Server-side apply; the object as it is (or, with `dry_run`, would be) afterwards."""
        query = {
            "fieldManager": FIELD_MANAGER,
            "fieldValidation": "Strict",
            "force": "true" if force else "false",
        }
        query |= {"dryRun": "All"} if dry_run else {}
        meta = wanted["metadata"]
        path = _path(resource, meta.get("namespace", ""), meta["name"])
        return self._transport.json("PATCH", path, query, wanted, "application/apply-patch+yaml")

    def delete(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        *,
        dry_run: bool = False,
        uid: str = "",
        foreground: bool = False,
    ) -> bool:
        """False when there is no such object, or not with this `uid` any more."""
        options: Object = {
            "propagationPolicy": "Foreground" if foreground else "Background",
            "preconditions": {"uid": uid} if uid else None,
            "dryRun": ["All"] if dry_run else None,
        }
        body = {name: value for name, value in options.items() if value is not None}
        query = {"dryRun": "All"} if dry_run else {}
        try:
            self._transport.json("DELETE", _path(resource, namespace, name), query, body)
        except Refused as error:
            if error.status == 404 or (uid and error.status == 409):
                return False
            raise
        return True

    def allows(self, verb: str, resource: Resource, namespace: str = "", part: str = "") -> bool:
        """Whether the credential may do this (SelfSubjectAccessReview). `part`: a subresource."""
        attributes = {
            "verb": verb,
            "group": resource.group,
            "resource": resource.plural,
            "subresource": part,
            "namespace": namespace,
        }
        answer = self.review("SelfSubjectAccessReview", {"resourceAttributes": attributes})
        return bool(answer.get("status", {}).get("allowed"))

    def review(self, kind: str, spec: Object) -> Object:
        """A review of authorization.k8s.io: asks the API about the credential itself."""
        path = f"/apis/authorization.k8s.io/v1/{kind.lower()}s"
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec}
        return self._transport.json("POST", path, {}, body)

    def log(
        self, namespace: str, pod: str, container: str, *, tail: int, previous: bool = False
    ) -> str:
        """The last `tail` lines of a container; empty where it has none."""
        query = {"container": container, "tailLines": str(tail), "limitBytes": str(_LOG_BYTES)}
        query |= {"previous": "true"} if previous else {}
        path = f"/api/v1/namespaces/{_step(namespace)}/pods/{_step(pod)}/log"
        try:
            return self._transport.call("GET", path, query).decode(errors="replace")
        except Refused as error:
            if error.status in (400, 404):
                return ""
            raise

    def _discovered(self, api_version: str) -> dict[str, Resource]:
        if not _VERSION.fullmatch(api_version):
            return {}
        path = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            listed = self._transport.json("GET", path).get("resources") or []
        except Refused as error:
            if error.status == 404:
                return {}
            raise
        return {
            entry["kind"]: Resource(
                api_version, entry["kind"], entry["name"], bool(entry.get("namespaced"))
            )
            for entry in listed
            if "/" not in entry["name"]
        }


def _path(resource: Resource, namespace: str, name: str = "") -> str:
    root = f"/apis/{resource.api_version}" if resource.group else f"/api/{resource.api_version}"
    if resource.namespaced and namespace:
        root += f"/namespaces/{_step(namespace)}"
    return f"{root}/{resource.plural}" + (f"/{_step(name)}" if name else "")


def _step(name: str) -> str:
    """One step of a path. The API takes a quoted slash for a slash, and `configmaps/..` is the
    namespace: a name of that sort is refused here, as the API refuses objects of that name."""
    if name in (".", "..") or "/" in name or "%" in name:
        text = f'metadata.name: Invalid value: "{name}": may not be ".", "..", nor contain "/", "%"'
        raise Refused(422, {"reason": "Invalid", "message": text})
    return quote(name, safe="")
