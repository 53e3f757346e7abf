"""One context of a kubeconfig, read by a list of what is allowed. Framework-free.

To the libraries that load it a kubeconfig is a program. Here nothing that it names is run, read or
contacted, and of other contexts nothing is looked at but their names.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from clusters.credentials import Credential, Unusable, assemble
from config.core import strict_yaml
from config.core.errors import KubeconfigForbiddenField, KubeconfigInvalid
from config.core.strict_yaml import Document, Path, StrictYAMLError

MAX_BYTES: Final = 1 << 20
_MAX_DEPTH: Final = 20
_MAX_NODES: Final = 50_000
_SHOWN: Final = 100  # characters of a name, and names of a list

# {part of a Credential: the field it is in}
_CLUSTER: Final = {
    "server": "server",
    "ca_cert": "certificate-authority-data",
    "tls_server_name": "tls-server-name",
}
_USER: Final = {
    "client_cert": "client-certificate-data",
    "client_key": "client-key-data",
    "token": "token",
}
# Fields that change neither where is connected to, nor who does.
_HARMLESS: Final = {"extensions", "disable-compression"}


@dataclass(frozen=True)
class _Section:
    """`cluster` or `user` of one entry; `label`: as in messages, `path`: in the document."""

    label: str
    path: Path
    values: Mapping[str, Any]
    fields: Mapping[str, str]

    def label_of(self, field: str) -> str:
        return f"{self.label}.{_short(field)}"


def read(text: str, context: str = "") -> Credential:
    """The credential of `context`, or of the file's current one.

    Raises KubeconfigForbiddenField with `fields`, every path that is not allowed
    (`users[admin].user.exec`); KubeconfigInvalid with `errors`, [{path, line, message}], and
    `contexts`, the names to choose from, where no context is chosen.
    """
    document = _document(text)
    chosen = _only(document, "contexts", _context(document, context))
    sections = [
        _section(document, chosen, "clusters", "cluster", _CLUSTER),
        _section(document, chosen, "users", "user", _USER),
    ]
    if forbidden := [path for section in sections for path in _forbidden(section)]:
        sentence = f"The kubeconfig asks for what is never done: {', '.join(forbidden)}."
        raise KubeconfigForbiddenField(sentence, fields=forbidden)
    return _credential(document, sections)


def _document(text: str) -> Document:
    try:
        document = strict_yaml.load(
            text, max_bytes=MAX_BYTES, max_depth=_MAX_DEPTH, max_nodes=_MAX_NODES
        )
    except StrictYAMLError as error:
        raise _invalid("", error.line, _without_values(error.message)) from None
    root = document.value
    if not isinstance(root, dict) or root.get("kind", "Config") != "Config":
        raise _invalid("", 1, "This is not a kubeconfig.")
    if root.get("apiVersion", "v1") != "v1":
        raise _invalid("apiVersion", document.line_of(("apiVersion",)), "There is only v1.")
    return document


def _context(document: Document, wanted: str) -> str:
    """The name of the context to read, which is there."""
    names = [entry["name"] for _, entry in _entries(document, "contexts")]
    name = wanted or document.value.get("current-context") or ""
    if name in names:
        return str(name)
    sentence = f"There is no context {_short(name)}." if name else "No context is the current one."
    line = document.line_of(("current-context",))
    error = {"path": "current-context", "line": line, "message": sentence}
    shown = [_short(name) for name in names[:_SHOWN]]
    raise KubeconfigInvalid(sentence, errors=[error], contexts=shown)


def _section(
    document: Document, context: _Section, part: str, kind: str, fields: Mapping[str, str]
) -> _Section:
    """What the context names as its cluster or user."""
    name = context.values.get(kind)
    if not isinstance(name, str) or not name:
        line = document.line_of((*context.path, kind))
        raise _invalid(context.label_of(kind), line, f"The context names no {kind}.")
    found = _only(document, part, name)
    return _Section(found.label, found.path, found.values, fields)


def _only(document: Document, part: str, name: str) -> _Section:
    """The entry of that name; kubectl too refuses a name that is there twice."""
    found = [(index, entry) for index, entry in _entries(document, part) if entry["name"] == name]
    label = f"{part}[{_short(name)}]"
    if len(found) != 1:
        sentence = "There are several of this name." if found else "There is none of this name."
        raise _invalid(label, document.line_of((part,)), sentence)
    index, entry = found[0]
    kind = part.removesuffix("s")
    path = (part, index, kind)
    if not isinstance(entry.get(kind), dict):
        raise _invalid(f"{label}.{kind}", document.line_of(path), "There is nothing in it.")
    return _Section(f"{label}.{kind}", path, entry[kind], {})


def _entries(document: Document, part: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Those that have a name."""
    listed = document.value.get(part)
    for index, entry in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            yield index, entry


def _forbidden(section: _Section) -> Iterator[str]:
    """Fields that are not on the list, and an address that is not HTTPS. Empty ones do nothing."""
    known = {*section.fields.values(), *_HARMLESS}
    for field, value in section.values.items():
        is_http = field == "server" and str(value).strip().lower().startswith("http://")
        if is_http or (field not in known and value not in (None, "", False, [], {})):
            yield section.label_of(field)


def _credential(document: Document, sections: list[_Section]) -> Credential:
    parts, errors = {}, []
    where = {
        part: (section, field) for section in sections for part, field in section.fields.items()
    }

    def tell(part: str, message: str) -> None:
        section, field = where[part]
        line = document.line_of((*section.path, field))
        errors.append({"path": section.label_of(field), "line": line, "message": message})

    for part, (section, field) in where.items():
        try:
            parts[part] = _text(section.values.get(field), encoded=field.endswith("-data"))
        except ValueError as error:
            tell(part, str(error))
    if not errors:
        try:
            return assemble(parts)
        except Unusable as error:
            for part, message in error.problems.items():
                tell(part, message)
    raise KubeconfigInvalid(_told(errors), errors=errors)


def _text(value: Any, *, encoded: bool) -> str:
    """Raises ValueError with a sentence."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError("This should be text.")
    if not encoded:
        return value
    try:
        return base64.b64decode("".join(value.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        raise ValueError("This is not base64 of a PEM file.") from None


def _told(errors: list[dict[str, Any]]) -> str:
    first = errors[0]
    return f"{first['path']}, line {first['line']}: {first['message']}".removeprefix(", ")


def _invalid(path: str, line: int, message: str) -> KubeconfigInvalid:
    errors = [{"path": path, "line": line, "message": message}]
    return KubeconfigInvalid(_told(errors), errors=errors)


def _short(name: Any) -> str:
    text = "".join(character if character.isprintable() else "?" for character in str(name))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _without_values(message: str) -> str:
    """What a message quotes of the file may be a secret."""
    return re.sub(r"'.*'|\".*\"", "…", message, flags=re.DOTALL)
