"""The control desk: faults to order, the providers' truth to compare with, a fresh start. For tests and demos."""

from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.exceptions import ValidationException

from demo.sandbox.desk import Desk
from demo.sandbox.faults import Faults
from demo.sandbox.sale import Sale

AnyRequest = Request[Any, Any, Any]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider holds to be true of one session or order. Amounts in cents."""

    provider: str
    tenant: str
    reference: str
    attempt_id: str
    session_id: str
    state: str
    currency: str
    amount_cents: int
    authorised_cents: int
    """Reserved now: nothing any more once it was captured or voided."""
    captured_cents: int
    refunded_cents: int
    refunds: int
    """How many there are, failed ones included."""


class Ledger(msgspec.Struct, frozen=True):
    items: list[Entry]


def _entry(sale: Sale) -> Entry:
    return Entry(
        provider=sale.provider,
        tenant=sale.tenant,
        reference=sale.reference,
        attempt_id=sale.attempt_id,
        session_id=sale.id,
        state=sale.state,
        currency=sale.currency,
        amount_cents=sale.amount_cents,
        authorised_cents=sale.amount_cents if sale.state == "authorised" else 0,
        captured_cents=sale.captured_cents,
        refunded_cents=sale.refunded_cents,
        refunds=len(sale.refunds),
    )


@get("/ledger")
async def ledger(request: AnyRequest, reference: str | None = None) -> Ledger:
    desk: Desk = request.app.state.desk
    return Ledger([_entry(sale) for sale in desk.book.list_sales(reference)])


@get("/faults")
async def read_faults(request: AnyRequest) -> Faults:
    desk: Desk = request.app.state.desk
    return desk.book.read_faults()


@post("/faults", status_code=200)
async def set_faults(request: AnyRequest) -> Faults:
    """The whole state: what is not named returns to normal, so `{}` mends everything."""
    desk: Desk = request.app.state.desk
    try:
        faults = msgspec.json.decode(await request.body() or b"{}", type=Faults)
    except msgspec.MsgspecError as error:
        raise ValidationException(str(error)) from None
    desk.book.save_faults(faults)
    return faults


@post("/reset", status_code=204)
async def reset(request: AnyRequest) -> Response[None]:
    desk: Desk = request.app.state.desk
    desk.book.reset()
    return Response(None, status_code=204)


ROUTES = Router("/control", route_handlers=[ledger, read_faults, set_faults, reset])
