"""Who calls the API, and what a call may do.

Named in REST_FRAMEWORK, so it is imported while rest_framework.views is: nothing here may import views in return.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from ticketdesk.accounts import services
from ticketdesk.accounts.models import ApiKey, Role, User

if TYPE_CHECKING:
    from rest_framework.views import APIView


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer pk_live_…` becomes (the person the key acts for, the key)."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """None without a bearer token, so that the session may answer; 401 for any token that does not open."""
        kind, _space, token = get_authorization_header(request).partition(b" ")
        if kind.lower() != b"bearer":
            return None
        now = timezone.now()
        key = services.authenticate_key(token.decode("latin-1").strip(), now)
        if key is None:
            # One answer for unknown, wrong, revoked and expired: it tells a stranger nothing.
            raise AuthenticationFailed(_("This key does not open anything."))
        services.touch_key(key, now)
        # For the request's line in the log.
        request._request.api_key = key  # type: ignore[attr-defined]
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        """Makes a refusal 401 rather than 403."""
        return 'Bearer realm="api"'


class ApiKeySchema(OpenApiAuthenticationExtension):
    """The key in the OpenAPI document."""

    target_class = "ticketdesk.accounts.api.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "pk_live_…"}


class HasScope(BasePermission):
    """Keys need every scope of `required_scopes`, people a role that may write; anything undeclared is refused.

    A view declares `required_scopes = {"GET": "orders:read", "POST": ["orders:write", "events:write"]}` (HEAD and
    OPTIONS ask for GET's). An optional `required_roles = {"POST": ["administrator"]}` narrows who may, key or not.
    """

    message = _("This key or role does not allow that.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether this caller may use this method at all; which rows they see is the view's queryset."""
        user = request.user
        if not isinstance(user, User) or not user.is_active or not _role_allows(user, request.method or "", view):
            return False
        if not isinstance(request.auth, ApiKey):
            return True
        needed = _declared(view, "required_scopes", request.method or "")
        return bool(needed) and all(request.auth.allows(scope) for scope in needed)


def throttle_ident(request: Request) -> str | None:
    """The bucket a call is counted in: its key's, else its person's; None for strangers (count those by address)."""
    if isinstance(request.auth, ApiKey):
        return f"key:{request.auth.pk}"
    return f"user:{request.user.pk}" if request.user.is_authenticated else None


def _role_allows(user: User, method: str, view: APIView) -> bool:
    if roles := _declared(view, "required_roles", method):
        return user.is_superuser or user.role in roles
    return method in SAFE_METHODS or user.role != Role.READONLY or user.is_superuser


def _declared(view: APIView, attribute: str, method: str) -> list[str]:
    declared: Mapping[str, str | Iterable[str]] = getattr(view, attribute, None) or {}
    wanted = declared.get(method) or (declared.get("GET") if method in ("HEAD", "OPTIONS") else None) or []
    return [wanted] if isinstance(wanted, str) else list(wanted)
