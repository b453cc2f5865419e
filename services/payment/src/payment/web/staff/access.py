"""Who of the house asks, and what their role allows: a bearer token of the house's sign-on (`STAFF_KEY`)."""

from collections.abc import Collection
from typing import Final, Literal

from kit.requests import AnyRequest
from kit.tokens import StaffClaims
from payment.usecases.authenticate import authenticate_staff
from payment.web.wiring import bearer_of, guesses_counted, wired

Role = Literal["treasurer", "operator", "admin"]
TREASURY: Final[frozenset[Role]] = frozenset({"treasurer"})
ADMINISTRATION: Final[frozenset[Role]] = frozenset({"admin"})
REVIEW: Final[frozenset[Role]] = frozenset({"treasurer", "operator"})


def require_staff(request: AnyRequest, roles: Collection[Role]) -> StaffClaims:
    """The tenant of all that follows is `claims.tenant`. Raises Unauthorised, Forbidden, TooMany."""
    wiring = wired(request)
    with guesses_counted(request):
        return authenticate_staff(wiring.tools, wiring.settings.staff_key, bearer_of(request), roles)


def actor_of(claims: StaffClaims) -> str:
    return f"staff:{claims.subject}"
