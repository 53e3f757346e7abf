"""`Idempotency-Key`: a POST that is repeated is answered, not done again."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from config.core.errors import IdempotencyConflict, ValidationFailed
from config.core.fields import reveal
from config.core.models import IdempotencyRecord, User
from config.core.secrets import Secret

_KEY_LENGTH = 128
ANSWERS_WITHIN = timedelta(minutes=10)
KEPT_FOR = timedelta(days=1)


class Idempotent:
    """View mixin. The key is claimed before the view runs; only success keeps it, so that what
    failed can be tried again with the same key."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        self._record: IdempotencyRecord | None = None
        key = request.headers.get("Idempotency-Key", "")
        if key and request.method == "POST" and isinstance(request.user, User):
            if len(key) > _KEY_LENGTH:
                raise ValidationFailed(fields={"Idempotency-Key": ["At most 128 characters."]})
            self._claim(request, request.user, key)

    def handle_exception(self, exc: Exception) -> Response:
        try:
            answer: Response = super().handle_exception(exc)  # type: ignore[misc]
        except Exception:
            self._release()  # an answer of 500: nothing to repeat
            raise
        return answer

    def _release(self) -> None:
        record = getattr(self, "_record", None)
        if record is not None:
            record.delete()
            self._record = None

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        if response.status_code >= 400:
            self._release()
        elif record := getattr(self, "_record", None):
            record.status = response.status_code
            record.body = Secret(json.dumps(response.data, default=str))
            record.save(update_fields=["status", "body"])
        final: Response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        return final

    def _claim(self, request: Request, user: User, key: str) -> None:
        wanted = _fingerprint(request)
        _forget_the_dead(user, key)
        try:
            with transaction.atomic():
                self._record = IdempotencyRecord.objects.create(
                    user=user, key=key, fingerprint=wanted
                )
        except IntegrityError:
            record = IdempotencyRecord.objects.filter(user=user, key=key).first()
            if record and record.fingerprint != wanted:
                raise IdempotencyConflict from None
            if record is None or record.status is None:
                raise IdempotencyConflict("The first request with this key is under way.") from None
            raise Repeated(record.status, json.loads(reveal(record, "body").reveal())) from None


class Repeated(Exception):
    """Ends the request with the answer that was given the first time."""

    def __init__(self, status: int, data: Any) -> None:
        self.response = Response(data, status=status, headers={"Idempotency-Replayed": "true"})


def _forget_the_dead(user: User, key: str) -> None:
    """A first request whose process died before it answered doesn't hold its key for good."""
    silent = IdempotencyRecord.objects.filter(user=user, key=key, status=None)
    silent.filter(created_at__lt=timezone.now() - ANSWERS_WITHIN).delete()


def forget_old() -> None:
    """Answers are kept for a day."""
    IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()


def _fingerprint(request: Request) -> str:
    content = json.dumps([request.path, request.data], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()
