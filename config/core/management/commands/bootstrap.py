"""`manage.py bootstrap`: an admin to begin with, made without a prompt."""

from __future__ import annotations

import json
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError

from config.core import services
from config.core.models import Source, User
from config.core.timeline import Actor


class Command(BaseCommand):
    help = "Creates or updates an admin; prints the name, and a token or a new password if any."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", required=True)
        parser.add_argument("--password", help="made up and printed for a new user without one")
        parser.add_argument("--token", action="store_true", help="issue an API token too")
        parser.add_argument("--json", dest="as_json", action="store_true")

    def handle(
        self,
        *_args: Any,
        username: str,
        password: str | None,
        token: bool,
        as_json: bool,
        **_options: Any,
    ) -> None:
        try:
            user, created = User.objects.get_or_create(username=username)
        except (OperationalError, ProgrammingError) as error:
            text = f"The database can't be used, or is not set up (manage.py migrate): {error}"
            raise CommandError(text.strip()) from None
        told: dict[str, str | None] = {"username": username, "token": None}
        if created and not password:
            password = told["password"] = secrets.token_hex(
                12
            )  # nothing that a shell could take for an option
        if password:
            user.set_password(password)
        user.is_superuser = user.is_staff = user.is_active = True
        user.save()
        if token:
            actor = Actor(user, Source.SYSTEM)
            told["token"] = services.create_token(actor=actor, name="bootstrap")[1]
        if not created and not password and not as_json:
            self.stdout.write("This user is there already; --password sets a new password.")
        if as_json:
            self.stdout.write(json.dumps(told))
            return
        for name, value in told.items():
            if value:
                self.stdout.write(f"{name}: {value}")
