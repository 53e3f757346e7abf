"""Bodies of requests, and objects in answers."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

from tests.kube import answers, fields
from tests.kube.answers import Refusal, Served
from tests.kube.requests import About

Object = dict[str, Any]

_MERGE: Final = "application/merge-patch+json"
_STRATEGIC: Final = "application/strategic-merge-patch+json"


def body(data: bytes) -> Object:
    """Raises Refusal 400 where it is no object of JSON."""
    if not data:
        return {}
    try:
        found = json.loads(data)
    except ValueError:
        raise answers.bad_request("error decoding YAML: it is not an object") from None
    if not isinstance(found, dict):
        raise answers.bad_request("error decoding YAML: it is not an object")
    return found


def address(served: Served, about: About, obj: Object) -> None:
    """The name and namespace of the path, which those in the body must not contradict."""
    meta = obj.setdefault("metadata", {})
    name, namespace = meta.get("name", about.name), meta.get("namespace", about.namespace)
    if about.name and name != about.name:
        raise answers.bad_request(
            f"the name of the object ({name}) does not match the name on the URL ({about.name})"
        )
    if served.namespaced:
        if namespace != about.namespace:
            raise answers.bad_request(
                f"the namespace of the object ({namespace}) does not match the namespace on the"
                f" request ({about.namespace})"
            )
        meta["namespace"] = namespace
    if about.name:
        meta["name"] = name
    obj |= {"apiVersion": served.api_version, "kind": served.kind}


def patched(live: Object, patch: Object, content_type: str) -> Object:
    """What a patch makes of an object. Raises Refusal 415 for a type that it doesn't know."""
    if content_type == _STRATEGIC:
        merged: Object = fields.merged(live, patch, str(live.get("kind")))
        return merged
    if content_type == _MERGE:
        replaced: Object = _merge(live, patch)
        return replaced
    raise Refusal(415, "UnsupportedMediaType", "415: Unsupported Media Type")


def _merge(live: Any, patch: Any) -> Any:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    result = dict(live) if isinstance(live, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merge(result.get(name), value)
    return result


def told(served: Served, obj: Object, status: int = 200) -> web.Response:
    """An object as the API shows it."""
    shown = {"kind": served.kind, "apiVersion": served.api_version, **obj}
    shown["apiVersion"] = served.api_version
    template = (obj.get("spec") or {}).get("template")
    if not served.custom and isinstance(template, dict):
        # The API writes it so in every template: a diff has to cope with it.
        meta = {"creationTimestamp": None, **(template.get("metadata") or {})}
        shown["spec"] = obj["spec"] | {"template": template | {"metadata": meta}}
    return web.json_response(shown, status=status)
