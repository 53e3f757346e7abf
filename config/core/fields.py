"""Encrypted columns: MultiFernet with keys of their own, bound to the row they were written to."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

from config.core.secrets import Secret


class Undecryptable(Exception):
    """No configured key opens this value, or it was written to another row."""


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """Encrypts with the newest key, decrypts with any (`SLIPWAY_ENCRYPTION_KEYS`)."""
    return _cipher(tuple(settings.ENCRYPTION_KEYS))


class Sealed:
    """A value as the database holds it. `EncryptedField.reveal` opens it; nothing else does."""

    __slots__ = ("token",)

    def __init__(self, token: str) -> None:
        self.token = token

    def __bool__(self) -> bool:
        return bool(self.token)

    def __str__(self) -> str:
        return str(Secret(""))

    __repr__ = __str__


class EncryptedField(models.TextField[str | Secret | Sealed, str | Secret | Sealed]):
    """Text kept encrypted. The model has a `seal` (UUID) field, which the value is bound to.

    Assign a `Secret` or a `str`; read with `reveal(instance, "field")`. The attribute itself never
    shows the text of a row that was loaded.
    """

    def from_db_value(self, value: str | None, *_: object) -> Sealed | None:
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        value = getattr(model_instance, self.attname)
        if value is None:
            return None
        if isinstance(value, Sealed):
            return value.token
        text = value.reveal() if isinstance(value, Secret) else str(value)
        if not text:
            return ""
        return cipher().encrypt((_bound_to(model_instance, self) + text).encode()).decode()

    def get_prep_value(self, value: Any) -> Any:
        return value.token if isinstance(value, Sealed) else value

    def value_to_string(self, obj: models.Model) -> str:
        return str(Secret(""))


def _bound_to(instance: models.Model, field: models.Field[Any, Any]) -> str:
    return f"{instance._meta.label_lower}.{field.attname}:{instance.seal}\n"  # type: ignore[attr-defined]


def reveal(instance: models.Model, name: str) -> Secret:
    """The text of an encrypted field. Raises Undecryptable; never answers what is stored."""
    value = getattr(instance, name)
    if not isinstance(value, Sealed):
        return value if isinstance(value, Secret) else Secret(value or "")
    if not value:
        return Secret("")
    field = instance._meta.get_field(name)
    prefix = _bound_to(instance, field)  # type: ignore[arg-type]
    try:
        text = cipher().decrypt(value.token.encode()).decode()
    except InvalidToken:
        raise Undecryptable(f"{field} can't be opened with the configured keys") from None
    if not text.startswith(prefix):
        raise Undecryptable(f"{field} was written to another row")
    return Secret(text.removeprefix(prefix))
