"""Encrypted columns: bound to their row, rotated, and never in clear text."""

from __future__ import annotations

import uuid

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.db import connection
from pytest_django import Settings

from config.core.fields import Sealed, Undecryptable, reveal
from config.core.secrets import MASK, Secret
from environments.models import SSHCredential
from tests.factories.environments import CredentialFactory

pytestmark = pytest.mark.django_db
CANARY = "canary-8d2f!secret"


def loaded(credential: SSHCredential) -> SSHCredential:
    return SSHCredential.objects.get(pk=credential.pk)


def raw(credential: SSHCredential) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT password FROM environments_sshcredential WHERE id = %s", [credential.pk]
        )
        [text] = cursor.fetchone()
    return str(text)


@pytest.mark.parametrize("value", [CANARY, Secret(CANARY), "ümläut\n\0 and lines\n"])
def test_what_goes_in_comes_out(value: str | Secret) -> None:
    credential = CredentialFactory.make(password=value)
    text = value.reveal() if isinstance(value, Secret) else value
    assert reveal(credential, "password") == Secret(text)
    assert reveal(loaded(credential), "password") == Secret(text)


def test_nothing_is_nothing() -> None:
    credential = loaded(CredentialFactory.make(password=""))
    assert raw(credential) == ""
    assert not credential.password
    assert reveal(credential, "password") == Secret("")


def test_the_database_has_no_clear_text() -> None:
    credential = CredentialFactory.make(password=CANARY)
    assert CANARY not in raw(credential)
    assert raw(credential).startswith("gAAAA")  # Fernet's version byte
    assert raw(credential) != raw(CredentialFactory.make(password=CANARY))


def test_a_loaded_row_does_not_show_it() -> None:
    credential = loaded(CredentialFactory.make(password=CANARY))
    assert isinstance(credential.password, Sealed)
    for shown in (str(credential.password), repr(credential.password), f"{credential.password}"):
        assert shown == MASK
    dumped = serializers.serialize("json", [credential])
    assert CANARY not in dumped
    assert raw(credential) not in dumped


def test_saving_a_loaded_row_keeps_it() -> None:
    credential = CredentialFactory.make(password=CANARY)
    again = loaded(credential)
    again.name = "renamed"
    again.save()
    assert reveal(loaded(credential), "password") == Secret(CANARY)


def test_a_value_moved_to_another_row_does_not_open() -> None:
    ours, theirs = CredentialFactory.make(password=CANARY), CredentialFactory.make()
    SSHCredential.objects.filter(pk=theirs.pk).update(password=Sealed(raw(ours)))
    with pytest.raises(Undecryptable):
        reveal(loaded(theirs), "password")


def test_nor_one_moved_to_another_column() -> None:
    credential = CredentialFactory.make(password=CANARY)
    SSHCredential.objects.filter(pk=credential.pk).update(sudo_password=Sealed(raw(credential)))
    with pytest.raises(Undecryptable):
        reveal(loaded(credential), "sudo_password")


def test_nor_one_of_another_seal() -> None:
    credential = CredentialFactory.make(password=CANARY)
    SSHCredential.objects.filter(pk=credential.pk).update(seal=uuid.uuid4())
    with pytest.raises(Undecryptable):
        reveal(loaded(credential), "password")


def test_keys_rotate(settings: Settings) -> None:
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    credential = CredentialFactory.make(password=CANARY)
    settings.ENCRYPTION_KEYS = [new, old]
    assert reveal(loaded(credential), "password") == Secret(CANARY)
    credential.password = CANARY
    credential.save()
    settings.ENCRYPTION_KEYS = [new]
    assert reveal(loaded(credential), "password") == Secret(CANARY)
    settings.ENCRYPTION_KEYS = [old]
    with pytest.raises(Undecryptable):
        reveal(loaded(credential), "password")


def test_a_wrong_key_raises_and_says_nothing(settings: Settings) -> None:
    credential = CredentialFactory.make(password=CANARY)
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(Undecryptable) as refused:
        reveal(loaded(credential), "password")
    assert CANARY not in str(refused.value)
    assert raw(credential) not in str(refused.value)


@pytest.mark.parametrize("stored", [CANARY, "gAAAA-not-a-token", "gAAAAAB"])
def test_clear_text_in_the_column_is_never_taken_for_the_value(stored: str) -> None:
    credential = CredentialFactory.make()
    SSHCredential.objects.filter(pk=credential.pk).update(password=Sealed(stored))
    with pytest.raises(Undecryptable):
        reveal(loaded(credential), "password")
