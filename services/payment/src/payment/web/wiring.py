"""What handlers reach of the composition root."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection

from kit.idempotency import fingerprint
from kit.tokens import StaffClaims
from payment.domain.api_key import Scope, parse_key
from payment.domain.errors import InvalidRequest, Unauthorised
from payment.settings import Settings
from payment.store.api_keys import ApiKey
from payment.usecases.authenticate import authenticate_key, authenticate_treasurer
from payment.usecases.once import Once
from payment.usecases.tools import Tools

AnyRequest = Request[Any, Any, Any]
KEY_LENGTH_MAX = 255


def tools_of(connection: "ASGIConnection[Any, Any, Any, Any]") -> Tools:
    tools: Tools = connection.app.state.tools
    return tools


def settings_of(connection: "ASGIConnection[Any, Any, Any, Any]") -> Settings:
    settings: Settings = connection.app.state.settings
    return settings


def bearer_of(request: AnyRequest) -> str:
    """Raises Unauthorised."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorised("An Authorization header is needed: Bearer, and an API key.")
    return token.strip()


async def caller_of(request: AnyRequest, scope: Scope) -> ApiKey:
    """Raises Unauthorised, Forbidden."""
    return await authenticate_key(tools_of(request), bearer_of(request), scope)


def treasurer_of(request: AnyRequest) -> StaffClaims:
    """Raises Unauthorised, Forbidden."""
    return authenticate_treasurer(tools_of(request), settings_of(request).staff_key, bearer_of(request))


async def person_or_caller_of(request: AnyRequest, scope: Scope) -> tuple[str, str]:
    """Tenant and actor: an API key's, or a treasurer's. Raises Unauthorised, Forbidden."""
    if parse_key(bearer_of(request)) is None:
        treasurer = treasurer_of(request)
        return treasurer.tenant, f"staff:{treasurer.subject}"
    caller = await caller_of(request, scope)
    return caller.tenant, caller.actor


async def once_of(request: AnyRequest, scope: str) -> Once:
    """Raises InvalidRequest without an Idempotency-Key."""
    key = request.headers.get("idempotency-key", "").strip()
    if not key or len(key) > KEY_LENGTH_MAX or not key.isprintable():
        raise InvalidRequest(("Idempotency-Key", f"this header is needed: 1 to {KEY_LENGTH_MAX} characters"))
    return Once(scope=scope, key=key, fingerprint=fingerprint(await request.body()))
