"""The OpenAPI document: every operation also says how it fails."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse, inline_serializer
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
    def get_response_serializers(self) -> Any:
        found: Any = super().get_response_serializers()
        if not isinstance(found, dict):
            found = {self._success_status(): found}
        error = OpenApiResponse(ErrorSerializer, description="The error shape of the contract")
        return {**found, "4XX": error, "5XX": error}

    def _success_status(self) -> str:
        if self.method == "DELETE":
            return "204"
        return (
            "201"
            if self.method == "POST" and getattr(self.view, "action", "") == "create"
            else "200"
        )


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
