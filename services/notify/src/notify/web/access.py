"""Who asks: a member of staff, for their own tenant, or another service, for all."""

import hmac
from typing import Any

from litestar import Request

from kit.tokens import TokenInvalid, read_staff
from notify.domain.errors import Unauthorised
from notify.web.wiring import wired


def tenant_of(request: Request[Any, Any, Any]) -> str | None:
    """The tenant that may be seen; None: all, by the service token. Raises Unauthorised."""
    wiring = wired(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorised("A staff token or the service token is needed: Authorization: Bearer …")
    if hmac.compare_digest(token.encode(), wiring.settings.service_token.encode()):
        return None
    try:
        return read_staff(wiring.settings.staff_key, token, wiring.clock()).tenant
    except TokenInvalid:
        raise Unauthorised("The token does not fit, or its time is over.") from None
