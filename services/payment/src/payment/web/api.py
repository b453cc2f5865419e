"""`/v1/payments` and `/v1/refunds`: what portals and booking call. The bearer API key names the tenant."""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody

from contracts.money import Money
from contracts.payment import PaymentView
from kit.requests import AnyRequest
from payment.domain.refund import Refund, RefundReason, RefundState
from payment.store.history import HistoryEntry
from payment.usecases.approve_refund import approve_refund
from payment.usecases.cancel_payment import cancel_payment
from payment.usecases.capture_payment import capture_payment
from payment.usecases.once import Answer
from payment.usecases.read_payment import read_history, read_payment, read_refunds
from payment.usecases.request_refund import request_refund
from payment.usecases.start_payment import start_payment
from payment.web.requests import PaymentRequest, RefundRequest
from payment.web.wiring import caller_of, needs_key, needs_key_or_treasurer, once_of, tools_of, treasurer_of, wired

UNDER_WAY = {202: ResponseSpec(PaymentView, description="Accepted; the provider works on it", generate_examples=False)}


class History(msgspec.Struct, frozen=True):
    items: list[HistoryEntry]
    next_cursor: str | None = None


class RefundView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    payment_id: UUID
    state: RefundState
    amount: Money
    reason: RefundReason
    created_at: datetime


class Refunds(msgspec.Struct, frozen=True):
    items: list[RefundView]
    next_cursor: str | None = None


@post("/v1/payments", tags=["payments"], guards=[needs_key("payments:create")])
async def create(request: AnyRequest, data: JSONBody[PaymentRequest]) -> Response[PaymentView]:
    caller, wiring = caller_of(request), wired(request)
    once = await once_of(request, f"{caller.tenant}:create")
    answer = await start_payment(wiring.tools, wiring.creations, caller.tenant, data.to_order(), once, caller.actor)
    return _respond(answer)


@get("/v1/payments/{payment_id:uuid}", tags=["payments"], guards=[needs_key("payments:read")])
async def read(request: AnyRequest, payment_id: FromPath[UUID]) -> PaymentView:
    caller = caller_of(request)
    return await read_payment(tools_of(request), caller.tenant, payment_id)


@get("/v1/payments/{payment_id:uuid}/events", tags=["payments"], guards=[needs_key("payments:read")])
async def history(request: AnyRequest, payment_id: FromPath[UUID]) -> History:
    caller = caller_of(request)
    return History(await read_history(tools_of(request), caller.tenant, payment_id))


@post(
    "/v1/payments/{payment_id:uuid}/capture",
    tags=["payments"],
    status_code=200,
    responses=UNDER_WAY,
    guards=[needs_key("payments:capture")],
)
async def capture(request: AnyRequest, payment_id: FromPath[UUID]) -> Response[PaymentView]:
    caller = caller_of(request)
    once = await once_of(request, f"{caller.tenant}:capture:{payment_id}")
    return _respond(await capture_payment(tools_of(request), caller.tenant, payment_id, once, caller.actor))


@post(
    "/v1/payments/{payment_id:uuid}/cancellation",
    tags=["payments"],
    status_code=200,
    responses=UNDER_WAY,
    guards=[needs_key("payments:cancel")],
)
async def cancel(request: AnyRequest, payment_id: FromPath[UUID]) -> Response[PaymentView]:
    caller = caller_of(request)
    once = await once_of(request, f"{caller.tenant}:cancel:{payment_id}")
    return _respond(await cancel_payment(tools_of(request), caller.tenant, payment_id, once, caller.actor))


@post(
    "/v1/payments/{payment_id:uuid}/refunds",
    tags=["refunds"],
    status_code=200,
    guards=[needs_key_or_treasurer("refunds:request")],
)
async def refund(
    request: AnyRequest, payment_id: FromPath[UUID], data: JSONBody[RefundRequest]
) -> Response[PaymentView]:
    """By an API key, or by a treasurer's staff token."""
    tenant, actor = caller_of(request)
    once = await once_of(request, f"{tenant}:refund:{payment_id}")
    return _respond(await request_refund(tools_of(request), tenant, payment_id, data, once, actor=actor))


@get("/v1/payments/{payment_id:uuid}/refunds", tags=["refunds"], guards=[needs_key_or_treasurer("payments:read")])
async def refunds(request: AnyRequest, payment_id: FromPath[UUID]) -> Refunds:
    """By an API key, or by a treasurer's staff token, who finds here what is to be approved."""
    tenant, _ = caller_of(request)
    return Refunds([_view(refund) for refund in await read_refunds(tools_of(request), tenant, payment_id)])


@post("/v1/refunds/{refund_id:uuid}/approval", tags=["refunds"], status_code=200)
async def approve(request: AnyRequest, refund_id: FromPath[UUID]) -> RefundView:
    """By the staff token of a treasurer other than the one who asked for it."""
    treasurer = treasurer_of(request)
    once = await once_of(request, f"{treasurer.tenant}:approve:{refund_id}:{treasurer.subject}")
    return _view(await approve_refund(tools_of(request), refund_id, treasurer, once))


def _respond(answer: Answer) -> Response[PaymentView]:
    return Response(answer.payment, status_code=answer.status)


def _view(refund: Refund) -> RefundView:
    return RefundView(
        id=refund.id,
        payment_id=refund.payment_id,
        state=refund.state,
        amount=Money(refund.amount_cents, refund.currency),
        reason=refund.reason,
        created_at=refund.created_at,
    )


ROUTES = [create, read, history, capture, cancel, refund, refunds, approve]
