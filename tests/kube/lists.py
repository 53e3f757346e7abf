"""Lists of objects: selectors and pages, as the API takes them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.kube import answers
from tests.kube.answers import Served

Object = dict[str, Any]

_SET = re.compile(r"^(\S+)\s+(in|notin)\s+\(([^)]*)\)$")


def page(
    served: Served, found: list[Object], query: Mapping[str, str], version: int
) -> dict[str, Any]:
    """What a list answers. Raises Refusal 400 for a selector or token that it doesn't know."""
    chosen = [
        obj
        for obj in found
        if _labels(query.get("labelSelector", ""))(obj)
        and _fields(query.get("fieldSelector", ""))(obj)
    ]
    start = _start(query.get("continue", ""))
    limit = int(query.get("limit") or 0) or len(chosen)
    shown, rest = chosen[start : start + limit], len(chosen) - start - limit
    meta: Object = {"resourceVersion": str(version)}
    if rest > 0:
        token = json.dumps({"v": "meta.k8s.io/v1", "rv": version, "start": start + limit})
        meta |= {"continue": base64.urlsafe_b64encode(token.encode()).decode()}
        meta |= {"remainingItemCount": rest}
    if not served.custom:  # items of the API's own kinds don't say what they are
        shown = [{k: v for k, v in obj.items() if k not in ("kind", "apiVersion")} for obj in shown]
    kind = f"{served.kind}List"
    return {"kind": kind, "apiVersion": served.api_version, "metadata": meta, "items": shown}


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(token))["start"])
    except (ValueError, KeyError, TypeError):
        raise answers.bad_request("invalid continue token: continue key is not valid") from None


def _labels(selector: str) -> Callable[[Object], bool]:
    terms = [term.strip() for term in re.split(r",(?![^(]*\))", selector) if term.strip()]

    def matches(obj: Object) -> bool:
        labels = (obj.get("metadata") or {}).get("labels") or {}
        return all(_label(term, labels) for term in terms)

    return matches


def _label(term: str, labels: Mapping[str, str]) -> bool:
    if found := _SET.match(term):
        name, how, listed = found.groups()
        within = labels.get(name) in [value.strip() for value in listed.split(",")]
        return within if how == "in" else not within
    for sign in ("!=", "==", "="):
        name, found_sign, value = term.partition(sign)
        if found_sign:
            equal = labels.get(name.strip()) == value.strip()
            return not equal if sign == "!=" else equal
    return term[1:] not in labels if term.startswith("!") else term in labels


def _fields(selector: str) -> Callable[[Object], bool]:
    terms = [term for term in selector.split(",") if term]

    def matches(obj: Object) -> bool:
        return all(_field(term, obj) for term in terms)

    return matches


def _field(term: str, obj: Object) -> bool:
    path, sign, wanted = term.partition("!=") if "!=" in term else term.partition("=")
    if not sign:
        raise answers.bad_request(f"invalid selector: '{term}'; can't understand '{term}'")
    value: Any = obj
    for name in path.split("."):
        value = value.get(name, "") if isinstance(value, dict) else ""
    equal = str(value) == wanted.lstrip("=")
    return not equal if sign == "!=" else equal
