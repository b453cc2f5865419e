"""Who asks: a member of staff, for their own tenant, or another service, for all.

Staff show a bearer token of the house's sign-on (`STAFF_KEY`). On the operators' page it may come in a cookie, into
which the page's own form puts it.
"""

import hmac
from typing import Any, Final

from litestar import Request

from kit.tokens import StaffClaims, TokenInvalid, read_staff
from notify.domain.errors import Forbidden, Unauthorised
from notify.web.wiring import wired

OPERATOR: Final = "operator"
COOKIE: Final = "schalter_operations"


def tenant_of(request: Request[Any, Any, Any]) -> str | None:
    """The tenant that may be seen; None: all, by the service token. Raises Unauthorised."""
    token = _bearer(request)
    return None if _is_service(request, token) else _claims(request, token).tenant


def operated_tenant_of(request: Request[Any, Any, Any]) -> str | None:
    """The same for operators alone. Raises Unauthorised, Forbidden."""
    token = _bearer(request)
    return None if _is_service(request, token) else operator_claims(request, token).tenant


def operator_claims(request: Request[Any, Any, Any], token: str) -> StaffClaims:
    """Raises Unauthorised, Forbidden."""
    claims = _claims(request, token)
    if OPERATOR not in claims.roles:
        raise Forbidden("This needs the role operator.")
    return claims


def _bearer(request: Request[Any, Any, Any]) -> str:
    """Raises Unauthorised."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorised("A staff token or the service token is needed: Authorization: Bearer …")
    return token


def _is_service(request: Request[Any, Any, Any], token: str) -> bool:
    return hmac.compare_digest(token.encode(), wired(request).settings.service_token.encode())


def _claims(request: Request[Any, Any, Any], token: str) -> StaffClaims:
    """Raises Unauthorised."""
    wiring = wired(request)
    try:
        return read_staff(wiring.settings.staff_key, token, wiring.clock())
    except TokenInvalid:
        raise Unauthorised("The token does not fit, or its time is over.") from None


def require_admin(request: Request[Any, Any, Any], token: str | None = None) -> StaffClaims:
    """Who configures. `token`: from a form, instead of the header. Raises Unauthorised, Forbidden."""
    claims = _claims(request, _bearer(request) if token is None else token.strip())
    if "admin" not in claims.roles:
        raise Forbidden("This needs the role admin.")
    return claims
