"""Every error an endpoint answers has one shape: {code, message, data, request_id}."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from config.core import errors
from config.core.api.idempotency import Repeated
from config.core.errors import DomainError
from config.core.logging import request_id

logger = logging.getLogger(__name__)


def body(error: DomainError) -> dict[str, Any]:
    return {
        "code": error.code,
        "message": error.message,
        "data": error.data,
        "request_id": request_id.get(),
    }


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. What is not in the contract is a bug: it propagates, as a 500."""
    if isinstance(exc, Repeated):
        return exc.response
    error = _translate(exc)
    if error is None:
        return None
    set_rollback()
    if error.http_status >= 500:
        view = type(context.get("view")).__name__
        logger.warning("request failed", extra={"code": error.code, "view": view}, exc_info=exc)
    response = Response(body(error), status=error.http_status)
    if challenge := getattr(exc, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if wait := getattr(exc, "wait", None):
        response["Retry-After"] = str(int(wait) + 1)
    return response


def _translate(exc: Exception) -> DomainError | None:
    match exc:
        case DomainError():
            return exc
        case exceptions.ValidationError():
            return errors.ValidationFailed(fields=_fields(exc.detail))
        case exceptions.ParseError() | exceptions.UnsupportedMediaType():
            return errors.ValidationFailed(fields={"body": [str(exc.detail)]})
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return errors.NotAuthenticated()
        case exceptions.PermissionDenied() | DjangoPermissionDenied():
            return errors.PermissionDenied(str(getattr(exc, "detail", "")))
        case exceptions.NotFound() | Http404():
            return errors.NotFound()
        case exceptions.MethodNotAllowed():
            return errors.MethodNotAllowed()
        case exceptions.NotAcceptable():
            return errors.ValidationFailed(fields={"Accept": [str(exc.detail)]})
        case exceptions.Throttled():
            return errors.Throttled()
        case OperationalError() | InterfaceError():
            return errors.DependencyUnavailable()
        case IntegrityError() if _is_duplicate(exc):
            return errors.ValidationFailed(
                fields={"body": ["There is one already that is the same in what has to be unique."]}
            )
    return None


def _is_duplicate(exc: Exception) -> bool:
    """A unique constraint held: of what a serializer can't check first, or two callers at once."""
    cause = exc.__cause__
    return getattr(cause, "sqlstate", "") == "23505" or "UNIQUE constraint" in str(cause)


def _fields(detail: Any, path: str = "") -> dict[str, list[str]]:
    """DRF's nested detail as {dotted field: [messages]}."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            found |= _fields(inner, f"{path}.{name}" if path else str(name))
        return found
    if isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        found = {}
        for index, inner in enumerate(detail):
            found |= _fields(inner, f"{path}.{index}" if path else str(index))
        return found
    messages = detail if isinstance(detail, list) else [detail]
    return {path or "body": [str(message) for message in messages]}


def csrf_failure(request: HttpRequest, reason: str = "") -> JsonResponse:  # noqa: ARG001 - Django's signature
    error = errors.PermissionDenied("The CSRF token is missing or wrong; reload the page.")
    return JsonResponse(body(error), status=error.http_status)


@csrf_exempt  # nothing is done here, whoever asks
def not_found(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - a view
    """For paths below /api/ that are no endpoint."""
    error = errors.NotFound("No such endpoint.")
    return JsonResponse(body(error), status=error.http_status)


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:  # noqa: ARG001 - Django's handler400
    """For what Django refuses before any view sees it: a body that is too large, for one."""
    error = errors.ValidationFailed(str(exception) or "Bad request.", fields={})
    return JsonResponse(body(error), status=error.http_status)


def server_error(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django's handler500
    content = {
        "code": "internal_error",
        "message": "Slipway failed; the log has this request_id.",
        "data": {},
        "request_id": request_id.get(),
    }
    return JsonResponse(content, status=500)
