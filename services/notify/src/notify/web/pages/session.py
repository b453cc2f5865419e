"""Who is at the pages. The house's sign-on gives staff a token; one form takes it, for all pages, and a cookie stands
for it from then on.

The cookie holds the token's claims, signed for these pages alone: whoever gets hold of it can call no API with it. It
lives no longer than the token, nor than a working day. A sign-on that stands before us as a proxy and sends
`Authorization: Bearer …` needs no form.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import msgspec
from litestar.datastructures import Cookie

from kit.requests import AnyRequest
from kit.tokens import StaffClaims, TokenInvalid, read, sign
from notify.domain.errors import Forbidden, Unauthorised
from notify.web.access import bearer_of, claims_of, require_role
from notify.web.wiring import wired

PREFIX = "/verwaltung"
COOKIE = "schalter_staff"
WORKING_DAY = timedelta(hours=10)
_PURPOSE = "notify.pages"


class Session(NamedTuple):
    claims: StaffClaims
    by_proxy: bool
    """We cannot end it."""


class SignedOut(Unauthorised):
    """Nobody is signed in, or not any more."""

    def __init__(self, kept: Mapping[str, str]) -> None:
        super().__init__("Nobody is signed in.")
        self.kept = kept
        """Fields of a form that were typed: they are shown again after signing in."""


class RoleMissing(Forbidden):
    def __init__(self, session: Session, role: str) -> None:
        super().__init__(f"This needs the role {role}.")
        self.session = session
        self.role = role


def require_session(request: AnyRequest, role: str, kept: Mapping[str, str] | None = None) -> StaffClaims:
    """Raises SignedOut, RoleMissing."""
    session = find_session(request)
    if session is None:
        raise SignedOut(kept or {})
    if role not in session.claims.roles:
        raise RoleMissing(session, role)
    return session.claims


def find_session(request: AnyRequest) -> Session | None:
    """By the header, if it fits; else by the cookie."""
    try:
        return Session(claims_of(request, bearer_of(request)), by_proxy=True)
    except Unauthorised:
        claims = _claims_of_cookie(request)
    return Session(claims, by_proxy=False) if claims else None


def begin_session(request: AnyRequest, token: str, roles: frozenset[str]) -> Cookie:
    """`roles`: one of them is needed. Raises Unauthorised, Forbidden."""
    wiring = wired(request)
    claims, now = claims_of(request, token), wiring.clock()
    require_role(claims, *roles)
    until = min(claims.expires_at, now + WORKING_DAY)
    kept = tuple(role for role in claims.roles if role in roles)  # a browser drops cookies of more than 4 KB
    own = msgspec.structs.replace(claims, roles=kept, expires_at=until)
    value = sign(wiring.settings.staff_key, _PURPOSE, own)
    return _cookie(request, value, int((until - now).total_seconds()))


def end_session(request: AnyRequest) -> Cookie:
    return _cookie(request, "", 0)


def _claims_of_cookie(request: AnyRequest) -> StaffClaims | None:
    wiring = wired(request)
    try:
        claims = read(wiring.settings.staff_key, _PURPOSE, request.cookies.get(COOKIE, ""), StaffClaims)
    except TokenInvalid:
        return None
    return claims if claims.expires_at > wiring.clock() else None


def _cookie(request: AnyRequest, value: str, age_s: int) -> Cookie:
    """No other site leads here with it (strict), and no other page gets it (path)."""
    secure = wired(request).settings.public_url.startswith("https://")
    return Cookie(key=COOKIE, value=value, path=PREFIX, max_age=age_s, httponly=True, samesite="strict", secure=secure)
