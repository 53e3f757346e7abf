"""Asks a cluster what each object of a release would become: server-side dry-run against live."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from clusters.kube.api import Kube, Resource
from clusters.kube.transport import Refused
from config.core import threads
from deployments.runtimes.kubernetes.comparison import change_digest, plain, without_allocated
from deployments.runtimes.kubernetes.health import has_failed
from deployments.runtimes.kubernetes.objects import (
    OWNER,
    WORKLOADS,
    Key,
    Object,
    annotation,
    key_of,
    part,
)

AT_ONCE: Final = 8
# Kinds whose content can't be changed: a new one takes the old one's place.
REPLACED: Final = ("Job", "Pod")
_TRIAL: Final = "-slipway-trial"
NO_RIGHT: Final = re.compile(
    r'cannot (?P<verb>[a-z]+) resource "(?P<resource>[^"]+)"'
    r'(?: in API group "(?P<group>[^"]*)")?(?: in the namespace "(?P<namespace>[^"]*)")?'
)
_MANAGER: Final = re.compile(r'conflicts? with "(?P<manager>[^"]*)"')


@dataclass
class Look:
    """One object: as it is (`live`), and as it would be (`result`, None: deleted); `before` and
    `after` are these without what is the server's own, for when all of it has been looked at.

    `conflicts`: [{manager, fields}]; `missing`: rights that the credential lacks; `problem`: why
    the server refuses it; `unchecked`: why the server couldn't be asked; `taken_from`: the other
    service on a target whose object it is until now.
    """

    key: Key
    resource: Resource | None = None
    live: Object | None = None
    result: Object | None = None
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    missing: list[dict[str, str]] = field(default_factory=list)
    replaced: bool = False
    problem: str = ""
    unchecked: str = ""
    taken_from: str = ""

    @cached_property
    def before(self) -> Object | None:
        return plain(self.live)

    @cached_property
    def after(self) -> Object | None:
        return plain(self.result)

    @property
    def uid(self) -> str:
        return str(part(self.live or {}, "metadata").get("uid", ""))

    @property
    def action(self) -> str:
        if self.live is None:
            return "create"
        if self.result is None:
            return "delete"
        return "unchanged" if self.before == self.after and not self.replaced else "update"


def survey(
    kube: Kube, objects: Sequence[Object], gone: Sequence[Object], *, recreate: bool
) -> list[Look]:
    """What applying `objects` and deleting `gone` would do; where others manage fields, as if they
    were taken over. `recreate`: workloads are deleted and made anew.

    Raises the errors of reaching the cluster.
    """
    asked = _Survey(
        kube,
        {one["metadata"]["name"] for one in objects if one["kind"] == "Namespace"},
        {_defines(one) for one in objects if one["kind"] == "CustomResourceDefinition"},
        (*REPLACED, *WORKLOADS) if recreate else REPLACED,
    )
    looks = threads.each(asked.look, objects, at_once=AT_ONCE)
    return looks + threads.each(asked.farewell, gone, at_once=AT_ONCE)


def fingerprint(looks: Sequence[Look]) -> str:
    """Of the change itself: the same as long as applying would do the same to the same objects.

    What others do to fields that this release doesn't touch, an autoscaler's replicas for one,
    makes no difference.
    """
    state = [
        [
            str(look.key),
            look.key.group,
            look.action,
            look.uid,
            change_digest(look.before, look.after) if look.result else look.taken_from,
            look.conflicts,
            look.problem,
        ]
        for look in sorted(looks, key=lambda look: look.key)
    ]
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class _Survey:
    """`new`: namespaces, `defined`: (group, kind) that come with the release itself; `replaced`:
    kinds of which a new object may take the place of the old one."""

    kube: Kube
    new: set[str]
    defined: set[tuple[str, str]]
    replaced: Sequence[str]

    def look(self, wanted: Object) -> Look:
        look = Look(key_of(wanted), result=wanted)
        try:
            resource = look.resource = self.kube.resource(wanted["apiVersion"], wanted["kind"])
        except Refused as error:
            look.problem = error.message
            return look
        if resource is None:
            if (look.key.group, look.key.kind) in self.defined:
                look.unchecked = "its kind comes with this release"
            else:
                look.problem = f"The cluster serves no {wanted['kind']} in {wanted['apiVersion']}."
            return look
        try:
            look.live = self.kube.get(resource, look.key.namespace, look.key.name)
            if look.live is not None and self._comes_anew(look.live):
                look.replaced = True
                self._try_anew(look, resource, wanted)
            else:
                look.result = self.kube.apply(resource, wanted, dry_run=True)
        except Refused as error:
            self._explain(look, resource, wanted, error)
        if look.live is None and look.result is not None:
            look.result = without_allocated(wanted, look.result)
        owner = annotation(look.live, OWNER)
        look.taken_from = owner if owner not in ("", annotation(wanted, OWNER)) else ""
        return look

    def _comes_anew(self, live: Object) -> bool:
        """A workload that is recreated, whatever changed; and a Job that failed: it has no other
        way to run once more."""
        return (live["kind"] in WORKLOADS and live["kind"] in self.replaced) or has_failed(live)

    def farewell(self, gone: Object) -> Look:
        """Of what is to be deleted; without `live` where it is not there any more."""
        look = Look(key_of(gone))
        try:
            resource = look.resource = self.kube.resource(gone["apiVersion"], gone["kind"])
            if resource is not None:
                look.live = self.kube.get(resource, look.key.namespace, look.key.name)
            if resource is None or look.live is None:
                return look
            if annotation(look.live, OWNER) != annotation(gone, OWNER):
                look.taken_from = annotation(look.live, OWNER) or "somebody else"
                return look
            self.kube.delete(resource, look.key.namespace, look.key.name, dry_run=True)
        except Refused as error:
            if not _lacks(look, error):
                look.problem = error.message
        return look

    def _explain(self, look: Look, resource: Resource, wanted: Object, error: Refused) -> None:
        """Puts into `look` what the server's no means."""
        if error.is_conflict_of_fields:
            look.conflicts = _conflicts(error)
            try:
                look.result = self.kube.apply(resource, wanted, dry_run=True, force=True)
            except Refused as again:
                self._explain_refusal(look, resource, wanted, again)
        else:
            self._explain_refusal(look, resource, wanted, error)

    def _explain_refusal(
        self, look: Look, resource: Resource, wanted: Object, error: Refused
    ) -> None:
        if _lacks(look, error):
            return
        if error.status == 404 and look.key.namespace in self.new:
            look.unchecked = "its namespace comes with this release"
        elif error.status == 422 and look.live is not None and look.key.kind in self.replaced:
            look.replaced = True
            self._try_anew(look, resource, wanted)
        else:
            look.problem = error.message

    def _try_anew(self, look: Look, resource: Resource, wanted: Object) -> None:
        """The dry-run of what can't be changed: as a new object, under a name that is free."""
        name = wanted["metadata"]["name"]
        trial = {**wanted, "metadata": {**wanted["metadata"], "name": _trial_name(name)}}
        try:
            made = self.kube.apply(resource, trial, dry_run=True, force=True)
        except Refused as error:
            look.problem = error.message
        else:
            look.result = {**made, "metadata": {**made["metadata"], "name": name}}


def _trial_name(name: str) -> str:
    """A Job's name is a label of its pods, too: 63 characters at most."""
    return name[: 63 - len(_TRIAL)].rstrip(".-") + _TRIAL


def _lacks(look: Look, error: Refused) -> bool:
    """Whether it is a right that was lacking; quotas and admission say 403, too."""
    if error.status != 403:
        return False
    if lacked := NO_RIGHT.search(error.message):
        look.missing.append(right(lacked["verb"], lacked["resource"], lacked["namespace"] or ""))
    elif look.resource and error.message.rstrip().endswith("is forbidden:"):
        # Applying what isn't there yet takes `create` as well; the server doesn't say so.
        look.missing.append(right("create", look.resource.plural, look.key.namespace))
    else:
        return False
    return True


def right(verb: str, resource: str, namespace: str) -> dict[str, str]:
    return {"verb": verb, "resource": resource, "namespace": namespace}


def _conflicts(error: Refused) -> list[dict[str, Any]]:
    """[{manager, fields}], a manager once."""
    fields: dict[str, list[str]] = {}
    for cause in error.causes:
        found = _MANAGER.search(str(cause.get("message", "")))
        manager = found["manager"] if found else "somebody else"
        fields.setdefault(manager, []).append(str(cause.get("field", "")))
    return [{"manager": manager, "fields": sorted(names)} for manager, names in fields.items()]


def _defines(definition: Object) -> tuple[str, str]:
    names = part(definition, "spec", "names")
    return str(part(definition, "spec").get("group", "")), str(names.get("kind", ""))
