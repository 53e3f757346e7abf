"""Who calls: a session (the SPA) or a token (bots); and what a token's limits leave of it."""

from __future__ import annotations

import ipaddress
from typing import Any

from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework import authentication, permissions
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from config.core.errors import NotAuthenticated, PermissionDenied
from config.core.models import APIToken, Source, User
from config.core.models import TokenScope as Scope
from config.core.timeline import Actor


class TokenAuthentication(KnoxAuthentication):
    """`Authorization: Token <key>`; refused from outside of the token's networks."""

    def authenticate(self, request: Request) -> tuple[User, APIToken] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        user, token = found
        if not _from_allowed_network(token, request.META.get("REMOTE_ADDR", "")):
            raise AuthenticationFailed
        user.token = token
        return user, token

    def authenticate_credentials(self, token: bytes) -> Any:
        try:
            return super().authenticate_credentials(token)
        except UnicodeDecodeError:
            raise AuthenticationFailed from None


class SessionAuthentication(authentication.SessionAuthentication):
    def authenticate_header(self, request: Request) -> str:
        return "Session"  # without a challenge DRF answers 403 where the contract says 401


class TokenScope(permissions.BasePermission):
    """Signed in; and a token of scope `read` reads. What the user may do, the services decide."""

    def has_permission(self, request: Request, view: object) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        token = request.auth
        if not isinstance(token, APIToken) or request.method in permissions.SAFE_METHODS:
            return True
        if token.scope == Scope.READ:
            raise PermissionDenied("This token only reads.")
        return True


def actor_of(request: Request) -> Actor:
    source = Source.API if isinstance(request.auth, APIToken) else Source.UI
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return Actor(request.user, source)


def _from_allowed_network(token: APIToken, address: str) -> bool:
    if not token.allowed_networks:
        return True
    client = ipaddress.ip_address(address)
    return any(client in ipaddress.ip_network(network) for network in token.allowed_networks)
