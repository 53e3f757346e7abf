"""The OpenAPI document: every operation also says how it fails."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiResponse, inline_serializer
from rest_framework import serializers

ErrorSerializer = inline_serializer(
    "Error",
    {
        "code": serializers.CharField(),
        "message": serializers.CharField(),
        "data": serializers.DictField(),
        "request_id": serializers.CharField(),
    },
)


class SlipwaySchema(AutoSchema):
    def _get_response_bodies(self, direction: Direction = "response") -> Any:
        """Here, and not in `get_response_serializers`, which `@extend_schema` replaces."""
        found: Any = super()._get_response_bodies(direction)
        error = OpenApiResponse(ErrorSerializer, description="The error shape of the contract")
        for status in ("4XX", "5XX"):
            found[status] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                error, status, direction=direction
            )
        return found

    def _is_create_operation(self) -> bool:
        return self.method == "POST" and getattr(self.view, "action", "") == "create"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "config.core.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <key>`",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "config.core.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
