"""Who asks: a member of staff, for their own tenant, or another service, for all.

Staff show a bearer token of the house's sign-on (`STAFF_KEY`). How pages get theirs: `pages/session.py`.
"""

import hmac
from typing import Final

from kit.requests import AnyRequest
from kit.tokens import StaffClaims, TokenInvalid, read_staff
from notify.domain.errors import Forbidden, Unauthorised
from notify.web.wiring import wired

OPERATOR: Final = "operator"
ADMIN: Final = "admin"


def tenant_of(request: AnyRequest) -> str | None:
    """The tenant that may be seen; None: all, by the service token. Raises Unauthorised."""
    token = bearer_of(request)
    return None if _is_service(request, token) else claims_of(request, token).tenant


def operated_tenant_of(request: AnyRequest) -> str | None:
    """The same for operators alone. Raises Unauthorised, Forbidden."""
    token = bearer_of(request)
    return None if _is_service(request, token) else require_role(claims_of(request, token), OPERATOR).tenant


def require_admin(request: AnyRequest) -> StaffClaims:
    """Who configures. Raises Unauthorised, Forbidden."""
    return require_role(claims_of(request, bearer_of(request)), ADMIN)


def require_role(claims: StaffClaims, *roles: str) -> StaffClaims:
    """One of them. Raises Forbidden."""
    if not set(roles) & set(claims.roles):
        raise Forbidden(f"This needs the role {' or '.join(sorted(roles))}.")
    return claims


def bearer_of(request: AnyRequest) -> str:
    """Raises Unauthorised."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorised("A staff token or the service token is needed: Authorization: Bearer …")
    return token


def claims_of(request: AnyRequest, token: str) -> StaffClaims:
    """Raises Unauthorised."""
    wiring = wired(request)
    try:
        return read_staff(wiring.settings.staff_key, token, wiring.clock())
    except TokenInvalid:
        raise Unauthorised("The token does not fit, or its time is over.") from None


def _is_service(request: AnyRequest, token: str) -> bool:
    return hmac.compare_digest(token.encode(), wired(request).settings.service_token.encode())
