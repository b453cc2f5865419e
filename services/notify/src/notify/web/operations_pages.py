"""The operators' page: the same as `/v1/operations`, for eyes. It works without JavaScript.

The house's sign-on gives staff a token; a form takes it into a cookie of the browser's session that no script can read.
A sign-on that stands before us as a proxy and sends `Authorization: Bearer …` needs no form.
"""

from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from kit.tokens import StaffClaims
from kit.web.security import same_origin
from kit.web.site import Site
from notify.domain.errors import Conflict, Forbidden, Unauthorised
from notify.usecases.read_operations import find_time_zone, read_operations
from notify.usecases.resend_delivery import Resend, resend_delivery
from notify.usecases.resume_sending import resume_sending
from notify.usecases.retry_delivery import retry_delivery
from notify.web.access import COOKIE, operator_claims
from notify.web.wiring import wired

AnyRequest = Request[Any, Any, Any]
PATH = "/operations"
NOTICES = frozenset({"resent", "retried", "resumed", "conflict"})


class TokenForm(msgspec.Struct, frozen=True):
    token: Annotated[str, msgspec.Meta(max_length=4000)] = ""


class ResendForm(msgspec.Struct, frozen=True):
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """Idempotency-Key: a form that is sent twice sends one mail."""


@get(PATH, include_in_schema=False)
async def show(request: AnyRequest, done: FromQuery[str] = "") -> Response[str]:
    try:
        claims = _signed_in(request)
    except Unauthorised:
        return _site(request).page(request, None, "sign_in.html", error=None)
    wiring, site = wired(request), _site(request)
    return site.page(
        request,
        await site.brands.find(claims.tenant),
        "operations.html",
        found=await read_operations(wiring.pool, wiring.clock, claims.tenant),
        now=wiring.clock(),
        notice=done if done in NOTICES else "",
        new_key=lambda: str(uuid4()),
        time_zone=await find_time_zone(wiring.pool, claims.tenant),
        subject=claims.subject,
    )


@post(f"{PATH}/sign-in", include_in_schema=False, guards=[same_origin])
async def sign_in(request: AnyRequest, data: URLEncodedBody[TokenForm]) -> Response[Any]:
    site = _site(request)
    try:
        operator_claims(request, data.token.strip())
    except (Unauthorised, Forbidden) as error:
        return site.page(request, None, "sign_in.html", status=error.status, error=error.code)
    return site.redirect(request, PATH, [site.cookie(COOKIE, data.token.strip())])


@post(f"{PATH}/sign-out", include_in_schema=False, guards=[same_origin])
async def sign_out(request: AnyRequest) -> Redirect:
    site = _site(request)
    return site.redirect(request, PATH, [_ended(site.cookie(COOKIE, ""))])


@post(f"{PATH}/deliveries/{{delivery_id:uuid}}/retry", include_in_schema=False, guards=[same_origin])
async def retry(request: AnyRequest, delivery_id: FromPath[UUID]) -> Redirect:
    claims, wiring = _signed_in(request), wired(request)
    try:
        await retry_delivery(wiring.pool, wiring.clock, delivery_id, claims.tenant)
    except Conflict:
        return _back(request, "conflict")
    return _back(request, "retried")


@post(f"{PATH}/deliveries/{{delivery_id:uuid}}/resend", include_in_schema=False, guards=[same_origin])
async def resend(request: AnyRequest, delivery_id: FromPath[UUID], data: URLEncodedBody[ResendForm]) -> Redirect:
    claims, wiring = _signed_in(request), wired(request)
    try:
        wanted = Resend(delivery_id, claims.tenant, data.key)
        await resend_delivery(wiring.pool, wiring.clock, wiring.settings.mail_from, wanted)
    except Conflict:
        return _back(request, "conflict")
    return _back(request, "resent")


@post(f"{PATH}/resume", include_in_schema=False, guards=[same_origin])
async def resume(request: AnyRequest) -> Redirect:
    claims = _signed_in(request)
    await resume_sending(wired(request).pool, claims.tenant)
    return _back(request, "resumed")


def _signed_in(request: AnyRequest) -> StaffClaims:
    """Raises Unauthorised, Forbidden."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")
    return operator_claims(request, token)


def _back(request: AnyRequest, done: str) -> Redirect:
    return _site(request).redirect(request, f"{PATH}?done={done}")


def _ended(cookie: Cookie) -> Cookie:
    cookie.max_age = 0
    return cookie


def _site(request: AnyRequest) -> Site:
    site: Site = request.app.state.site
    return site


ROUTES = (show, sign_in, sign_out, retry, resend, resume)
