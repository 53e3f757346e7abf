"""What a release would do to a cluster: placed, compared with what is there, weighed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import yaml

from clusters.access import kube_of
from clusters.kube.api import Kube
from config.core import threads
from config.core.errors import ClusterForbidden, ManifestInvalid, TargetNotReady
from deployments import selectors
from deployments.models import DeploymentTarget, Release, Service, Strategy
from deployments.rendering import hide
from deployments.runtimes.base import Preview, Request
from deployments.runtimes.diffs import as_yaml
from deployments.runtimes.kubernetes import objects, summary
from deployments.runtimes.kubernetes.comparison import masked
from deployments.runtimes.kubernetes.objects import KEPT, OWNER, PRUNE, Key, Object, key_of
from deployments.runtimes.kubernetes.survey import AT_ONCE, Look, fingerprint, right, survey
from deployments.secrets import content_of
from environments.models import EnvironmentStatus

# What an environment may be without its cluster being out of use; `draft`: Slipway installs no
# hosts of its own for it.
_TAKES_RELEASES = (EnvironmentStatus.READY, EnvironmentStatus.DEGRADED, EnvironmentStatus.DRAFT)
_MOST = 500  # objects of a release: each is asked for twice in a preview
_LONGEST = 1000  # characters of an error: the API quotes whole objects
# What applying an object, and rolling it back, takes.
_VERBS = ("get", "create", "patch", "delete")


def owner_name(service: Service, target: DeploymentTarget) -> str:
    """Whose an object is: the same for every release of a service on a target."""
    return f"{service.name}.{target.pk}"


def preview(request: Request) -> Preview:
    with connect(request.target) as kube:
        wanted, shown, lines = _objects(kube, request)
        gone, left = _leaving(request, {key_of(one) for one in wanted})
        recreate = request.strategy == Strategy.RECREATE
        asks: list[Callable[[], Any]] = [
            partial(survey, kube, wanted, gone, recreate=recreate),
            kube.version,
            partial(_can_look, kube, request.target.namespace),
        ]
        looks, version, sighted = threads.each(lambda ask: ask(), asks)
        _require_rights(kube, looks)
    _require_no_problems(looks, lines, request.secrets)
    deleted = [look for look in looks if look.action == "delete" and not look.taken_from]
    left += [
        f"{look.key}, which is {look.taken_from}'s"
        for look in looks[len(wanted) :]
        if look.taken_from
    ]
    # One object can have two names, one in each API group that serves it.
    kept = {look.uid for look in looks[: len(wanted)]}
    deleted = [look for look in deleted if look.uid not in kept]
    looks = [*looks[: len(wanted)], *deleted]
    return Preview(
        content={
            "owner": owner_name(request.service, request.target),
            "objects": wanted,
            "recreate": recreate,
            "prune": [_reference(look, gone) for look in deleted],
        },
        resolved=as_yaml(shown),
        diff=summary.diff(looks, request.secrets),
        fingerprint=fingerprint(looks),
        images=summary.images(wanted, request),
        checks=summary.checks(
            version, looks, left, blind=not sighted, force=request.force_conflicts
        ),
        findings=summary.findings(wanted, looks, request),
        conflicts=summary.conflicts(looks),
    )


def connect(target: DeploymentTarget) -> Kube:
    """Raises TargetNotReady for a target that has no cluster, or is out of use."""
    reasons = []
    if target.cluster is None:
        reasons.append("The target has no cluster")
    if target.environment.status not in _TAKES_RELEASES:
        reasons.append(f"The environment is {target.environment.status}")
    if reasons or target.cluster is None:
        raise TargetNotReady(reasons=reasons)
    return kube_of(target.cluster)


def fingerprint_now(release: Release) -> str:
    """Of the change that the release's content would make now."""
    content = content_of(release)
    with connect(release.target) as kube:
        looks = survey(kube, content["objects"], content["prune"], recreate=content["recreate"])
    return fingerprint(looks)


def _objects(kube: Kube, request: Request) -> tuple[list[Object], list[Object], dict[Key, int]]:
    """What the cluster gets, in order; the same as it may be shown; and the manifest's lines."""
    if request.source and request.content:
        shown = list(yaml.safe_load_all(request.source.resolved_manifest))
        return request.content["objects"], shown, {}
    rendered = request.rendered
    if rendered is None:
        raise ManifestInvalid(errors=[])
    written = objects.taken(rendered.documents, rendered.line_of)
    wanted = [one for one, _ in written]
    threads.each(lambda one: kube.resource(one["apiVersion"], one["kind"]), wanted, at_once=AT_ONCE)
    place = partial(_placed, kube, request, wanted)
    placed = [place(one) for one in wanted]
    lines = {key_of(one): line for one, (_, line) in zip(placed, written, strict=True)}
    _require_places(placed, lines, request.target)
    if len(lines) < len(placed):
        message = f"An object is in the manifest twice, with namespace {request.target.namespace}."
        raise ManifestInvalid(message, errors=[{"path": "manifest", "line": 1, "message": message}])
    shown = [place(one) for one, _ in objects.taken(rendered.masked, rendered.line_of)]
    return (
        objects.ordered(placed),
        objects.ordered([masked(one) or one for one in shown]),
        lines,
    )


def _require_places(
    placed: Sequence[Object], lines: dict[Key, int], target: DeploymentTarget
) -> None:
    """Raises ManifestInvalid for too many objects, and for what would go where another target's
    releases go: those have approvals of their own."""
    endpoint = target.cluster.endpoint if target.cluster else ""
    others = DeploymentTarget.objects.filter(cluster__endpoint=endpoint, archived=False)
    taken = set(others.values_list("namespace", flat=True)) - {target.namespace}
    errors = [
        {
            "path": str(key),
            "line": line,
            "message": f"{key} is in the namespace of another target; release it there.",
        }
        for key, line in lines.items()
        if key.namespace in taken or (key.kind == "Namespace" and key.name in taken)
    ]
    if len(placed) > _MOST:
        message = f"{len(placed)} objects; a release has at most {_MOST}."
        errors = [{"path": "manifest", "line": 1, "message": message}]
    if errors:
        raise ManifestInvalid(str(errors[0]["message"]), errors=errors)


def _placed(kube: Kube, request: Request, all_of_it: Sequence[Object], one: Object) -> Object:
    """In its namespace, and marked as ours."""
    found = objects.annotated(one, OWNER, owner_name(request.service, request.target))
    if _is_namespaced(kube, all_of_it, one):
        found["metadata"].setdefault("namespace", request.target.namespace)
    else:
        found["metadata"].pop("namespace", None)
    return found


def _is_namespaced(kube: Kube, all_of_it: Sequence[Object], one: Object) -> bool:
    resource = kube.resource(one["apiVersion"], one["kind"])
    if resource is not None:
        return resource.namespaced
    for definition in all_of_it:  # its kind may come with it
        if definition["kind"] != "CustomResourceDefinition":
            continue
        if objects.part(definition, "spec", "names").get("kind") == one["kind"]:
            return bool(objects.part(definition, "spec").get("scope") != "Cluster")
    return True


def _leaving(request: Request, kept: set[Key]) -> tuple[list[Object], list[str]]:
    """What ran here and is in the new release no more: to be deleted, and what is left alone."""
    seen: dict[Key, Object] = {}
    for release in selectors.ran_since(request.previous, request.service, request.target):
        for one in content_of(release)["objects"]:
            seen.setdefault(key_of(one), one)
    leaving = {key: one for key, one in seen.items() if key not in kept}
    gone = [
        one
        for key, one in leaving.items()
        if key.kind not in KEPT or objects.annotation(one, PRUNE) == "true"
    ]
    left = [str(key) for key, one in leaving.items() if one not in gone]
    return list(reversed(objects.ordered(gone))), left


def _reference(look: Look, gone: Sequence[Object]) -> Object:
    """All that is needed to delete an object, and no other one of its name."""
    one = next(one for one in gone if key_of(one) == look.key)
    wanted = ("name", "namespace")
    return {
        "apiVersion": one["apiVersion"],
        "kind": one["kind"],
        "metadata": {
            **{name: one["metadata"][name] for name in wanted if name in one["metadata"]},
            "uid": look.uid,
            "annotations": {OWNER: objects.annotation(one, OWNER)},
        },
    }


def _require_no_problems(
    looks: Sequence[Look], lines: dict[Key, int], secrets: dict[str, str]
) -> None:
    errors = [
        {
            "path": str(look.key),
            "line": lines.get(look.key, 1),
            "message": hide(look.problem, secrets)[:_LONGEST],
        }
        for look in looks
        if look.problem
    ]
    if errors:
        text = f"The cluster refuses {errors[0]['path']}: {errors[0]['message']}"
        raise ManifestInvalid(text, errors=errors)


def _require_rights(kube: Kube, looks: Sequence[Look]) -> None:
    """Raises ClusterForbidden with every right that is lacking, not only the one hit first."""
    missing = [one for look in looks for one in look.missing]
    if not missing:
        return
    places = {(look.resource, look.key.namespace) for look in looks if look.missing}
    for resource, namespace in places:
        for verb in _VERBS if resource else ():
            if resource and not kube.allows(verb, resource, namespace):
                missing.append(right(verb, resource.plural, namespace))
    distinct = {tuple(sorted(one.items())): one for one in missing}
    raise ClusterForbidden(missing=list(distinct.values()))


def _can_look(kube: Kube, namespace: str) -> bool:
    """Whether pods can be listed: else a rollout that gets stuck can't be explained."""
    pods = kube.resource("v1", "Pod")
    return pods is not None and kube.allows("list", pods, namespace)
