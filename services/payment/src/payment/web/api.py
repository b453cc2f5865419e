"""`/v1/payments`: what portals and booking call. The bearer API key names the tenant."""

from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from contracts.payment import PaymentView
from payment.store.history import HistoryEntry
from payment.usecases.once import Answer
from payment.usecases.read_payment import read_history, read_payment
from payment.usecases.start_payment import start_payment
from payment.web.requests import PaymentRequest
from payment.web.wiring import AnyRequest, caller_of, once_of, tools_of


class History(msgspec.Struct, frozen=True):
    items: list[HistoryEntry]
    next_cursor: str | None = None


def respond(answer: Answer) -> Response[PaymentView]:
    return Response(answer.payment, status_code=answer.status)


@post("/v1/payments", tags=["payments"])
async def create(request: AnyRequest, data: JSONBody[PaymentRequest]) -> Response[PaymentView]:
    caller = await caller_of(request, "payments:create")
    once = await once_of(request, f"{caller.tenant}:create")
    actor = f"key:{caller.prefix}"
    return respond(await start_payment(tools_of(request), caller.tenant, data.to_order(), once, actor))


@get("/v1/payments/{payment_id:uuid}", tags=["payments"])
async def read(request: AnyRequest, payment_id: FromPath[UUID]) -> PaymentView:
    caller = await caller_of(request, "payments:read")
    return await read_payment(tools_of(request), caller.tenant, payment_id)


@get("/v1/payments/{payment_id:uuid}/events", tags=["payments"])
async def history(request: AnyRequest, payment_id: FromPath[UUID]) -> History:
    caller = await caller_of(request, "payments:read")
    return History(await read_history(tools_of(request), caller.tenant, payment_id))


ROUTES = [create, read, history]
