"""What the stand-in keeps: objects by kind, namespace and name, changed as the API changes them."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from tests.kube import answers, declared, defaults, fields, managers, rules
from tests.kube.answers import Served
from tests.kube.managers import Manager

Object = dict[str, Any]
Key = tuple[str, str, str]  # plural with group, namespace, name

_FOREGROUND: Final = "foregroundDeletion"
_WITHOUT_GENERATION: Final = {"", "rbac.authorization.k8s.io", "storage.k8s.io"}


class Objects:
    """The state of one cluster. Every method that writes raises `answers.Refusal`; with `dry_run`
    nothing is kept."""

    def __init__(self) -> None:
        self._kept: dict[Key, Object] = {}
        self._version = 100
        self._numbers = 0
        for name in ("default", "kube-system"):
            self._kept["namespaces", "", name] = _namespace(name)

    @property
    def version(self) -> int:
        return self._version

    def find(self, served: Served, namespace: str, name: str) -> Object:
        found = self._kept.get(_key(served, namespace, name))
        if found is None:
            raise answers.not_found(served, name)
        return copy.deepcopy(found)

    def has(self, served: Served, namespace: str, name: str) -> bool:
        return _key(served, namespace, name) in self._kept

    def establish(self, definition: Object) -> None:
        """A CustomResourceDefinition is taken up."""
        kept = self._kept["customresourcedefinitions.apiextensions.k8s.io", "", _name(definition)]
        conditions = [
            {"type": name, "status": "True", "reason": "NoConflicts", "lastTransitionTime": now()}
            for name in ("NamesAccepted", "Established")
        ]
        kept["status"] = {"conditions": conditions, "acceptedNames": kept["spec"]["names"]}

    def all(self, served: Served, namespace: str) -> Iterator[Object]:
        """By namespace and name; of all namespaces without one."""
        for (plural, found_in, _), obj in sorted(self._kept.items(), key=lambda item: item[0]):
            if plural == served.name and (not namespace or found_in == namespace):
                yield copy.deepcopy(obj)

    def create(self, served: Served, obj: Object, manager: Manager, *, dry_run: bool) -> Object:
        meta = obj.setdefault("metadata", {})
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = f"{meta['generateName']}{uuid.uuid4().hex[:5]}"
        if _key(served, meta.get("namespace", ""), meta.get("name", "")) in self._kept:
            raise answers.exists(served, meta["name"])
        new = self._new(served, obj)
        owners = managers.updated(_empty(obj), new, manager)
        return self._keep(served, _empty(obj), new, owners, dry_run=dry_run)

    def apply(
        self, served: Served, wanted: Object, manager: Manager, *, force: bool, dry_run: bool
    ) -> tuple[Object, bool]:
        """Server-side apply; True when it was created."""
        unknown = list(declared.undeclared(wanted))
        if unknown:
            told = [f"{path}: field not declared in schema" for path in unknown]
            listed = told[0] if len(told) == 1 else "errors:\n" + "\n".join(f"  {t}" for t in told)
            raise answers.not_typed(listed)
        wanted = _without_nulls(wanted)
        meta = wanted["metadata"]
        live = self._kept.get(_key(served, meta.get("namespace", ""), meta["name"]))
        try:
            laid, owners = managers.applied(live or _empty(wanted), wanted, manager, force=force)
        except fields.DuplicateKey as error:
            raise answers.not_typed(str(error)) from None
        if live is None:
            new = self._new(served, laid)
            return self._keep(served, _empty(wanted), new, owners, dry_run=dry_run), True
        _check_version(served, live, wanted)
        new = self._changed(served, live, laid, part="")
        return self._keep(served, live, new, owners, dry_run=dry_run), False

    def update(
        self, served: Served, obj: Object, manager: Manager, *, part: str, dry_run: bool
    ) -> Object:
        """Replaces what is there, or its subresource."""
        meta = obj["metadata"]
        live = self.find(served, meta.get("namespace", ""), meta["name"])
        _check_version(served, live, obj)
        new = self._changed(served, live, _without_nulls(obj), part=part)
        return self._keep(served, live, new, managers.updated(live, new, manager), dry_run=dry_run)

    def delete(
        self, served: Served, namespace: str, name: str, options: Object, *, dry_run: bool
    ) -> Object | None:
        """None when it is gone at once; otherwise what waits for its finalizers."""
        live = self.find(served, namespace, name)
        asked = (options.get("preconditions") or {}).get("uid")
        if asked and asked != live["metadata"]["uid"]:
            raise answers.another_uid(served, name, asked, live["metadata"]["uid"])
        finalizers = list(live["metadata"].get("finalizers") or [])
        if options.get("propagationPolicy") == "Foreground" and _FOREGROUND not in finalizers:
            finalizers.append(_FOREGROUND)
        if served.name == "namespaces":
            return self._end(live, dry_run=dry_run)
        if not finalizers:
            if not dry_run:
                self._drop(_key(served, namespace, name))
            return None
        live["metadata"].setdefault("deletionTimestamp", now())
        live["metadata"] |= {"deletionGracePeriodSeconds": 0, "finalizers": finalizers}
        if not dry_run:
            live["metadata"]["resourceVersion"] = self._next()
            self._kept[_key(served, namespace, name)] = live
        return live

    def _new(self, served: Served, obj: Object) -> Object:
        new = copy.deepcopy(obj)
        meta = new["metadata"]
        self._check_namespace(served, meta.get("namespace", ""), meta["name"])
        self._numbers += 1
        meta |= {"uid": str(uuid.uuid4()), "creationTimestamp": now()}
        if served.custom or served.group not in _WITHOUT_GENERATION:
            meta["generation"] = 1
        if finalizers := defaults.finalizers(served.kind):
            meta["finalizers"] = sorted({*meta.get("finalizers", []), *finalizers})
        if "status" in served.parts:
            new.pop("status", None)
        defaults.complete(new, number=self._numbers)
        self._check(served, new, list(rules.faults(new)))
        return new

    def _changed(self, served: Served, live: Object, obj: Object, *, part: str) -> Object:
        if part == "status":
            new = copy.deepcopy(live) | {"status": copy.deepcopy(obj.get("status") or {})}
        else:
            new = copy.deepcopy(obj)
            if "status" in served.parts:
                new.pop("status", None)
                new |= {"status": copy.deepcopy(live["status"])} if "status" in live else {}
        meta = new["metadata"]
        for name in ("uid", "creationTimestamp", "generation", "resourceVersion", "namespace"):
            meta |= {name: live["metadata"][name]} if name in live["metadata"] else {}
        if "deletionTimestamp" in live["metadata"]:
            meta["deletionTimestamp"] = live["metadata"]["deletionTimestamp"]
        defaults.complete(new, number=self._numbers)
        self._check(served, new, [*rules.faults(new), *rules.changes(live, new)])
        if "generation" in meta and (
            _content(new) != _content(live)
            or (served.kind == "Deployment" and _annotations(new) != _annotations(live))
        ):
            meta["generation"] += 1
        return new

    def _keep(
        self,
        served: Served,
        live: Object,
        new: Object,
        owners: managers.Managers,
        *,
        dry_run: bool,
    ) -> Object:
        managers.write(new, owners, live, now())
        meta = new["metadata"]
        key = _key(served, meta.get("namespace", ""), meta["name"])
        if dry_run or new == live:
            return new
        meta["resourceVersion"] = self._next()
        if meta.get("deletionTimestamp") and not meta.get("finalizers"):
            self._drop(key)
        else:
            self._kept[key] = copy.deepcopy(new)
        return new

    def _check(self, served: Served, obj: Object, causes: list[answers.Cause]) -> None:
        if causes:
            raise answers.invalid(served, obj["metadata"]["name"], causes)

    def _check_namespace(self, served: Served, namespace: str, name: str) -> None:
        if not served.namespaced:
            return
        found = self._kept.get(("namespaces", "", namespace))
        if found is None:
            raise answers.no_namespace(namespace)
        if found["metadata"].get("deletionTimestamp"):
            text = f"unable to create new content in namespace {namespace}"
            told = answers.forbidden(served, name, f"{text} because it is being terminated")
            cause = {"reason": "NamespaceTerminating", "field": "metadata.namespace"}
            told.details["causes"] = [
                cause | {"message": f"namespace {namespace} is being terminated"}
            ]
            raise told

    def _end(self, namespace: Object, *, dry_run: bool) -> Object:
        """Nothing keeps a namespace of the stand-in: its content goes with it, at once."""
        namespace["metadata"].setdefault("deletionTimestamp", now())
        namespace["status"] = {"phase": "Terminating"}
        if not dry_run:
            name = namespace["metadata"]["name"]
            for key in [key for key in self._kept if key[1] == name]:
                self._drop(key)
            self._drop(("namespaces", "", name))
        return namespace

    def _drop(self, key: Key) -> None:
        self._next()
        del self._kept[key]

    def _next(self) -> str:
        self._version += 1
        return str(self._version)


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _key(served: Served, namespace: str, name: str) -> Key:
    return served.name, namespace if served.namespaced else "", name


def _name(obj: Object) -> str:
    return str(obj["metadata"]["name"])


def _empty(obj: Object) -> Object:
    """What an object is before it is there."""
    return {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": {}}


def _content(obj: Object) -> Object:
    return {name: value for name, value in obj.items() if name not in ("metadata", "status")}


def _annotations(obj: Object) -> Object:
    return obj["metadata"].get("annotations") or {}


def _without_nulls(value: Any) -> Any:
    """A null says nothing: it is not kept, and nobody owns it."""
    if isinstance(value, dict):
        return {k: _without_nulls(below) for k, below in value.items() if below is not None}
    return [_without_nulls(below) for below in value] if isinstance(value, list) else value


def _check_version(served: Served, live: Object, obj: Object) -> None:
    meta = obj["metadata"]
    asked = meta.get("resourceVersion")
    if asked and asked != live["metadata"].get("resourceVersion"):
        raise answers.modified(served, meta["name"])
    if meta.get("uid") and meta["uid"] != live["metadata"]["uid"]:
        text = f'Invalid value: "{meta["uid"]}": field is immutable'
        raise answers.invalid(served, meta["name"], [answers.Cause("metadata.uid", text)])


def _namespace(name: str) -> Object:
    meta = {"name": name, "uid": str(uuid.uuid4()), "creationTimestamp": now()}
    obj = {"apiVersion": "v1", "kind": "Namespace", "metadata": meta | {"resourceVersion": "1"}}
    defaults.complete(obj, number=0)
    return obj
