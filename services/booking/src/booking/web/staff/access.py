"""Who of the house asks, and what their role allows: a bearer token of the house's sign-on (`STAFF_KEY`).

Roles say all that they allow; none implies another. A `clerk` sees and handles visits, a `lead` also plans (absences,
mass cancellations, overbooking, invitations of others), an `admin` configures and erases.
"""

from collections.abc import Collection
from typing import Final, Literal
from uuid import UUID

import msgspec

from booking.domain.appointment import By
from booking.domain.errors import Forbidden, Unauthorised
from booking.usecases.once import Once
from booking.usecases.view_appointment import Access
from booking.web.access import bearer_token, once_of
from booking.web.wiring import wired
from kit.requests import AnyRequest
from kit.tokens import StaffClaims, TokenInvalid, read_staff

Role = Literal["clerk", "lead", "admin"]
VISITS: Final[frozenset[Role]] = frozenset({"clerk", "lead"})
"""Handling single visits."""
PLANNING: Final[frozenset[Role]] = frozenset({"lead"})
RULES: Final[frozenset[Role]] = frozenset({"lead", "admin"})
ADMINISTRATION: Final[frozenset[Role]] = frozenset({"admin"})


def require_staff(request: AnyRequest, roles: Collection[Role]) -> StaffClaims:
    """The tenant of all that follows is `claims.tenant`, never one of the URL. Raises Unauthorised, Forbidden."""
    wiring = wired(request)
    try:
        claims = read_staff(wiring.settings.staff_key, bearer_token(request), wiring.clock())
    except TokenInvalid:
        raise Unauthorised("The staff token does not fit, or its time is over. Sign in again.") from None
    if not set(claims.roles) & set(roles):
        raise Forbidden(f"This needs {role_words(roles)}.")
    return claims


async def require_staff_step(
    request: AnyRequest,
    appointment_id: UUID,
    verb: str,
    key: str,
    body: msgspec.Struct | bytes | None = None,
    roles: Collection[Role] = VISITS,
) -> tuple[Access, By, Once]:
    """What `require_step` is for citizens. `body`: as it was read, where it was. Raises Unauthorised, Forbidden."""
    claims = require_staff(request, roles)
    access = Access(claims.tenant, appointment_id)
    return access, by(claims), once_of(access, f"staff:{verb}", key, await request.body() if body is None else body)


def role_words(roles: Collection[Role]) -> str:
    return ("the role " if len(roles) == 1 else "one of the roles ") + ", ".join(sorted(roles))


def by(claims: StaffClaims) -> By:
    return By("staff", claims.subject)
