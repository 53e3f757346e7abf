"""Variables into manifests: `${VAR}`, `${VAR:-default}`, `${VAR:?message}`, and `$$` for a dollar.

Values go into the scalars of the parsed YAML, so that no value can change the manifest's structure;
an unquoted scalar gets its type after the value is in it. What is undefined is an error, with line.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Final

from django.conf import settings

from config.core import strict_yaml
from config.core.errors import ManifestInvalid, RenderFailed
from config.core.secrets import MASK, Secret
from config.core.strict_yaml import Document, StrictYAMLError

LIMITS: Final = {"max_bytes": 1 << 20, "max_depth": 40, "max_nodes": 50_000}
PATH: Final = "manifest"
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_TOKEN = re.compile(
    r"\$(?:(?P<dollar>\$)"
    r"|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:(?P<operator>:-|:\?)(?P<rest>[^}]*))?\}"
    r"|(?P<stray>))"
)


@dataclass(frozen=True)
class Rendered:
    """`documents`: the manifest's values, secrets in clear; `masked`: the same, secrets masked;
    `used`: names of the variables it mentions; `written`: the documents as they were written;
    `values`: of every variable, mentioned or not."""

    documents: list[Any]
    masked: list[Any]
    used: frozenset[str]
    written: list[Document]
    values: Mapping[str, str | Secret] = field(default_factory=dict, repr=False)

    def line_of(self, path: strict_yaml.Path, document: int = 0) -> int:
        """The line of the manifest that a part of a document begins on."""
        return self.written[document].line_of(path)


@dataclass
class _Substitution:
    values: Mapping[str, str]
    used: set[str] = field(default_factory=set)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, text: str, path: strict_yaml.Path, line: int) -> str:  # noqa: ARG002 - the loader's signature
        if "$" not in text:
            return text
        return _TOKEN.sub(lambda match: self._replace(match, line), text)

    def _replace(self, match: re.Match[str], line: int) -> str:
        if match["dollar"]:
            return "$"
        name = match["name"]
        if name is None:
            return self._fail(line, "A dollar sign is written $$, a variable ${NAME}.")
        self.used.add(name)
        value = self.values.get(name)
        match match["operator"]:
            case ":-":
                return value or match["rest"]
            case ":?":
                return value or self._fail(line, f"{name}: {match['rest'] or 'is required'}")
            case _:
                return self._fail(line, f"{name} has no value") if value is None else value

    def _fail(self, line: int, message: str) -> str:
        self.errors.append({"path": PATH, "line": line, "message": message})
        return ""


def render(manifest: str, values: Mapping[str, str | Secret]) -> Rendered:
    """Raises ManifestInvalid for text that isn't the YAML we take, RenderFailed for variables."""
    clear = {name: v.reveal() if isinstance(v, Secret) else v for name, v in values.items()}
    hidden = {name: mask(v) if isinstance(v, Secret) else v for name, v in values.items()}
    texts = {v.reveal(): mask(v) for v in values.values() if isinstance(v, Secret) and v}
    substitution = _Substitution(clear)
    try:
        documents = _load(manifest, substitution)
        masked = _load(manifest, _Substitution(hidden)) if texts else documents
    except ManifestInvalid as error:  # a value that is not what its tag says is in the message
        raise ManifestInvalid(hide(error.message, texts), **hide(error.data, texts)) from None
    if substitution.errors:
        raise RenderFailed(errors=hide(substitution.errors, texts))
    return Rendered(
        [document.value for document in documents],
        [document.value for document in masked],
        frozenset(substitution.used),
        documents,
        values,
    )


def parse(manifest: str) -> frozenset[str]:
    """The names of the variables of a text that we take. Raises ManifestInvalid."""
    substitution = _Substitution({})
    _load(manifest, substitution)
    return frozenset(substitution.used)


def _load(manifest: str, substitution: _Substitution) -> list[Document]:
    try:
        documents = strict_yaml.load_all(manifest, substitute=substitution, **LIMITS)
    except StrictYAMLError as error:
        problem = {"path": PATH, "line": error.line, "message": error.message}
        raise ManifestInvalid(f"Line {error.line}: {error.message}", errors=[problem]) from None
    found = [document for document in documents if document.value is not None]
    if not found:
        problem = {"path": PATH, "line": 1, "message": "The manifest is empty."}
        raise ManifestInvalid(errors=[problem])
    return found


def mask(secret: Secret) -> str:
    """A mask that is the same for the same secret, so that a diff shows that one changed.

    Sixteen bits of a keyed digest tell two values apart, and nothing about either.
    """
    digest = hmac.new(
        settings.SECRET_KEY.encode(), secret.reveal().encode(), hashlib.sha256
    ).hexdigest()
    return f"{MASK}{digest[:4]}"


def hide(value: Any, secrets: Mapping[str, str]) -> Any:
    """`value` (JSON) with every secret text in it, as {text: mask}, masked. Short texts, which
    would hit everywhere, are masked where they are a whole value."""
    if isinstance(value, dict):
        return {hide(name, secrets): hide(inner, secrets) for name, inner in value.items()}
    if isinstance(value, list):
        return [hide(inner, secrets) for inner in value]
    if not isinstance(value, str):
        return secrets.get(str(value), value) if not isinstance(value, bool | NoneType) else value
    for text, masked in sorted(secrets.items(), key=lambda pair: len(pair[0]), reverse=True):
        if value == text:
            return masked
        if len(text) >= 4:
            value = value.replace(text, masked)
    return value
