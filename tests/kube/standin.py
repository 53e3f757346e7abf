"""A Kubernetes API in memory, on kmock: its objects, server-side apply, users, and failures.

It has no controllers: the test plays them (`tests.kube.controllers`).
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Mapping
from typing import Final

import kmock
from aiohttp import web

from tests.kube import answers, bodies, lists
from tests.kube.access import Access
from tests.kube.answers import NoSuchPath, Refusal, Served
from tests.kube.failures import Fail, happen
from tests.kube.managers import Manager
from tests.kube.objects import Object, Objects
from tests.kube.requests import About, parsed

VERSION: Final = "v1.31.4"

_APPLY: Final = "application/apply-patch+yaml"
_EXTENSIONS: Final = {"gateway.networking.k8s.io", "metrics.k8s.io"}  # no part of every cluster
_CRDS: Final = "customresourcedefinitions.apiextensions.k8s.io"


class StandInApi(kmock.KubernetesScaffold):
    """Requests to objects are answered here, what the API serves by kmock."""

    def __init__(self) -> None:
        super().__init__()
        self.access = Access()
        self.state = Objects()
        self.fail: Fail | None = None
        self.logs: dict[tuple[str, str, str, bool], str] = {}
        self.asked: list[tuple[str, str]] = []  # method, path as sent
        self.broken: list[Exception] = []  # what went wrong in here, not in the test
        self.custom: set[tuple[str, str]] = set()  # group, plural
        with warnings.catch_warnings(category=DeprecationWarning, action="ignore"):
            self.resources.load_bundled()
        for resource in self._known():
            if resource.group in _EXTENSIONS:
                del self.resources[resource]

    async def __call__(self, raw_request: web.BaseRequest) -> web.StreamResponse:
        raw = raw_request
        path = raw.raw_path.partition("?")[0]
        self.asked.append((raw.method, path))
        try:
            user = self._user(raw)
            if self.fail is not None:
                # In a thread: the test may ask its database there.
                failure = await asyncio.to_thread(self.fail, raw.method, path)
                if (failed := await happen(failure, raw)) is not None:
                    return failed
            about = parsed(path)
            if about is None:
                return await self._discovery(raw, path)
            return self._answer(about, raw, bodies.body(await raw.read()), user)
        except NoSuchPath:
            return web.Response(status=404, text="404 page not found\n")
        except Refusal as refusal:
            return web.json_response(refusal.body(), status=refusal.status)
        except Exception as error:
            self.broken.append(error)
            told = Refusal(500, "InternalError", f"the stand-in is broken: {error!r}")
            return web.json_response(told.body(), status=500)

    def _known(self) -> list[kmock.resource]:
        return [kmock.resource(key) for key in self.resources]

    def _user(self, raw: web.BaseRequest) -> str:
        scheme, _, token = raw.headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer":
            if token not in self.access.users:
                raise answers.unauthorized()
            return self.access.users[token]
        certificate = raw.transport.get_extra_info("peercert") if raw.transport else None
        for parts in (certificate or {}).get("subject", ()):
            for name, value in parts:
                if name == "commonName":
                    return str(value)
        return "system:anonymous"

    async def _discovery(self, raw: web.BaseRequest, path: str) -> web.StreamResponse:
        if path == "/version":
            return web.json_response({"major": "1", "minor": "31", "gitVersion": VERSION})
        root, *steps = path.strip("/").split("/")
        known = {(resource.group, resource.version) for resource in self._known()}
        if root == "apis" and steps and steps[0] not in {group for group, _ in known}:
            raise NoSuchPath
        group = steps[0] if root == "apis" and steps else ""
        if root in ("api", "apis") and steps and len(steps) == (1 if root == "api" else 2):
            if (group, steps[-1]) not in known:
                raise answers.not_served()
        elif root not in ("api", "apis"):
            raise NoSuchPath
        return await super().__call__(raw)

    def _served(self, about: About) -> Served:
        key = kmock.resource(about.group, about.version, about.plural)
        if key not in self.resources:
            if about.group not in {resource.group for resource in self._known()}:
                raise NoSuchPath
            raise answers.not_served()
        info = self.resources[key]
        return Served(
            about.group,
            about.version,
            about.plural,
            str(info.kind),
            bool(info.namespaced),
            frozenset(info.subresources),
            (about.group, about.plural) in self.custom,
        )

    def _answer(self, about: About, raw: web.BaseRequest, body: Object, user: str) -> web.Response:
        if about.plural.startswith("selfsubject"):
            return self._review(body, user)
        verb = about.verb(raw.method)
        asked = Served(about.group, about.version, about.plural, "", namespaced=True)
        self.access.check(user, verb, asked, about.part, about.namespace, about.name)
        served = self._served(about)
        if about.part and about.part not in served.parts:
            raise answers.not_served()
        if about.part == "log":
            return self._log(served, about, raw.query)
        if verb == "get":
            found = self.state.find(served, about.namespace, about.name)
            return bodies.told(served, found)
        if verb == "list":
            everything = list(self.state.all(served, about.namespace))
            return web.json_response(lists.page(served, everything, raw.query, self.state.version))
        return self._write(served, about, verb, raw, body, user)

    def _write(
        self,
        served: Served,
        about: About,
        verb: str,
        raw: web.BaseRequest,
        body: Object,
        user: str,
    ) -> web.Response:
        dry_run = raw.query.get("dryRun") == "All" or body.get("dryRun") == ["All"]
        if verb == "delete":
            return self._delete(served, about, body, dry_run=dry_run)
        if verb == "patch" and raw.content_type == _APPLY:
            return self._apply(served, about, body, raw.query, user, dry_run=dry_run)
        agent = raw.headers.get("User-Agent", "unknown").partition("/")[0]
        name = raw.query.get("fieldManager") or agent
        manager = Manager(name, "Update", served.api_version, about.part)
        if verb == "patch":
            live = self.state.find(served, about.namespace, about.name)
            body = bodies.patched(live, body, raw.content_type)
        bodies.address(served, about, body)
        if verb == "create":
            made = self.state.create(served, body, manager, dry_run=dry_run)
            self._serve_custom(served, made, dry_run=dry_run)
            return bodies.told(served, made, 201)
        new = self.state.update(served, body, manager, part=about.part, dry_run=dry_run)
        return bodies.told(served, new)

    def _apply(
        self,
        served: Served,
        about: About,
        body: Object,
        query: Mapping[str, str],
        user: str,
        *,
        dry_run: bool,
    ) -> web.Response:
        if not query.get("fieldManager"):
            cause = answers.Cause(
                "fieldManager", "Required value: is required for apply patch", "FieldValueRequired"
            )
            options = Served("meta.k8s.io", "v1", "", "PatchOptions", namespaced=False)
            raise answers.invalid(options, "", [cause])
        if body.get("apiVersion") != served.api_version:
            raise answers.bad_request(
                "Incorrect version specified in apply patch. Specified patch version:"
                f" {body.get('apiVersion', '')}, expected: {served.api_version}"
            )
        if body.get("kind") != served.kind:
            told = f"no corresponding type for {served.api_version}, Kind={body.get('kind', '')}"
            raise answers.not_typed(told)
        bodies.address(served, about, body)
        exists = self.state.has(served, about.namespace, about.name)
        if not exists and not self.access.allows(user, "create", served.name, about.namespace):
            raise answers.forbidden(served, about.name, "")
        manager = Manager(query["fieldManager"], "Apply", served.api_version, about.part)
        force = query.get("force") == "true"
        new, created = self.state.apply(served, body, manager, force=force, dry_run=dry_run)
        self._serve_custom(served, new, dry_run=dry_run)
        return bodies.told(served, new, 201 if created else 200)

    def _delete(
        self, served: Served, about: About, options: Object, *, dry_run: bool
    ) -> web.Response:
        if served.name == "namespaces" and about.name in ("default", "kube-system"):
            raise answers.forbidden(served, about.name, "this namespace may not be deleted")
        before = self.state.find(served, about.namespace, about.name)
        left = self.state.delete(served, about.namespace, about.name, options, dry_run=dry_run)
        if served.name == _CRDS and not dry_run and left is None:
            spec = before["spec"]
            for version in spec["versions"]:
                key = (spec["group"], version["name"], spec["names"]["plural"])
                del self.resources[kmock.resource(*key)]
        if left is not None:
            return bodies.told(served, left)
        details = answers.about(served, about.name) | {"uid": before["metadata"]["uid"]}
        done = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
        return web.json_response(done | {"details": details})

    def _serve_custom(self, served: Served, definition: Object, *, dry_run: bool) -> None:
        """A kind is served, and established, as soon as its definition is there."""
        if served.name != _CRDS or dry_run:
            return
        spec = definition["spec"]
        names = spec["names"]
        self.custom.add((spec["group"], names["plural"]))
        for version in spec["versions"]:
            if version.get("served"):
                key = kmock.resource(spec["group"], version["name"], names["plural"])
                self.resources[key] = kmock.ResourceInfo(
                    namespaced=spec["scope"] == "Namespaced",
                    kind=names["kind"],
                    singular=names.get("singular"),
                    verbs={"create", "delete", "get", "list", "patch", "update"},
                    subresources=set(version.get("subresources") or {}),
                )
        self.state.establish(definition)

    def _log(self, served: Served, about: About, query: Mapping[str, str]) -> web.Response:
        self.state.find(served, about.namespace, about.name)
        container, previous = query.get("container", ""), query.get("previous") == "true"
        text = self.logs.get((about.namespace, about.name, container, previous))
        if text is None:
            raise answers.bad_request(
                f'container "{container}" in pod "{about.name}" is waiting to start'
            )
        lines = text.splitlines(keepends=True)
        if "tailLines" in query:
            lines = lines[max(0, len(lines) - int(query["tailLines"])) :]
        data = "".join(lines).encode()
        return web.Response(body=data[: int(query.get("limitBytes", len(data)))])

    def _review(self, body: Object, user: str) -> web.Response:
        status = self.access.review(user, body["kind"], body.get("spec") or {})
        return web.json_response(body | {"metadata": {}, "status": status}, status=201)
