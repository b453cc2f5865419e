"""The operators' page: the same as `/v1/operations`, for eyes."""

from typing import Annotated
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from kit.requests import AnyRequest
from kit.tokens import StaffClaims
from notify.domain.errors import Conflict
from notify.usecases.read_operations import find_time_zone, read_operations
from notify.usecases.resend_delivery import Resend, resend_delivery
from notify.usecases.resume_sending import resume_sending
from notify.usecases.retry_delivery import retry_delivery
from notify.web.pages.frame import OPERATIONS, site_of, staff_page
from notify.web.pages.session import require_session
from notify.web.wiring import wired

NOTICES = frozenset({"resent", "retried", "resumed", "conflict"})


class ResendForm(msgspec.Struct, frozen=True):
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """Idempotency-Key: a form that is sent twice sends one mail."""


@get(OPERATIONS.path, include_in_schema=False)
async def show(request: AnyRequest, done: FromQuery[str] = "") -> Response[str]:
    claims, wiring = _operator(request), wired(request)
    return await staff_page(
        request,
        "operations.html",
        found=await read_operations(wiring.pool, wiring.clock, claims.tenant),
        now=wiring.clock(),
        notice=done if done in NOTICES else "",
        new_key=lambda: str(uuid4()),
        time_zone=await find_time_zone(wiring.pool, claims.tenant),
    )


@post(f"{OPERATIONS.path}/mails/{{delivery_id:uuid}}/versuch", include_in_schema=False)
async def retry(request: AnyRequest, delivery_id: FromPath[UUID]) -> Redirect:
    claims, wiring = _operator(request), wired(request)
    try:
        await retry_delivery(wiring.pool, wiring.clock, delivery_id, claims.tenant)
    except Conflict:
        return _back(request, "conflict")
    return _back(request, "retried")


@post(f"{OPERATIONS.path}/mails/{{delivery_id:uuid}}/neu", include_in_schema=False)
async def resend(request: AnyRequest, delivery_id: FromPath[UUID], data: URLEncodedBody[ResendForm]) -> Redirect:
    claims, wiring = _operator(request), wired(request)
    try:
        wanted = Resend(delivery_id, claims.tenant, data.key)
        await resend_delivery(wiring.pool, wiring.clock, wiring.settings.mail_from, wanted)
    except Conflict:
        return _back(request, "conflict")
    return _back(request, "resent")


@post(f"{OPERATIONS.path}/fortsetzung", include_in_schema=False)
async def resume(request: AnyRequest) -> Redirect:
    claims = _operator(request)
    await resume_sending(wired(request).pool, claims.tenant)
    return _back(request, "resumed")


def _operator(request: AnyRequest) -> StaffClaims:
    """Raises SignedOut, RoleMissing."""
    return require_session(request, OPERATIONS.role)


def _back(request: AnyRequest, done: str) -> Redirect:
    return site_of(request).redirect(request, f"{OPERATIONS.path}?done={done}")


ROUTES = (show, retry, resend, resume)
