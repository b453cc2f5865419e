"""`/v1/staff/reconciliations` and `/v1/staff/exceptions`: the four-way match and what it could not match."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kit.requests import AnyRequest
from payment.store.exceptions import ExceptionState, TreasuryException
from payment.usecases.accept_exception import REASON_LENGTH_MAX, accept_exception
from payment.usecases.read_exceptions import read_exceptions
from payment.usecases.reconcile_accounts import Reconciliation, reconcile_tenant
from payment.web.staff.access import TREASURY, require_staff
from payment.web.wiring import tools_of


class Exceptions(msgspec.Struct, frozen=True):
    items: list[TreasuryException]
    next_cursor: UUID | None


class AcceptanceRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_LENGTH_MAX)]


@post("/v1/staff/reconciliations", tags=["treasury"], status_code=200)
async def match_now(request: AnyRequest) -> Reconciliation:
    """What the worker does every few hours, at once. Needs no key: a second time finds it done."""
    claims = require_staff(request, TREASURY)
    return await reconcile_tenant(tools_of(request), claims.tenant)


@get("/v1/staff/exceptions", tags=["treasury"])
async def exceptions(
    request: AnyRequest,
    *,
    wanted: Annotated[ExceptionState, QueryParameter(name="state")] = "open",
    cursor: FromQuery[UUID | None] = None,
) -> Exceptions:
    claims = require_staff(request, TREASURY)
    return Exceptions(*await read_exceptions(tools_of(request), claims.tenant, wanted, cursor))


@post("/v1/staff/exceptions/{exception_id:uuid}/acceptance", tags=["treasury"], status_code=200)
async def accept(
    request: AnyRequest, exception_id: FromPath[UUID], data: JSONBody[AcceptanceRequest]
) -> TreasuryException:
    """By name and with a reason; the day can be closed then. Needs no key: a second time changes nothing."""
    claims = require_staff(request, TREASURY)
    return await accept_exception(tools_of(request), claims, exception_id, data.reason)


routes = (match_now, exceptions, accept)
