"""The control desk: faults to order, the providers' truth to compare with, a fresh start. For tests and demos."""

from typing import cast, get_args

import msgspec
from litestar import Response, Router, get, post
from litestar.exceptions import ClientException, NotFoundException, ValidationException
from litestar.params import FromPath, FromQuery

from demo.sandbox.book import EVERYBODY
from demo.sandbox.desk import Desk
from demo.sandbox.faults import Faults
from demo.sandbox.interventions import Intervention, intervene
from demo.sandbox.sale import DisputeState, Refused, Sale
from kit.requests import AnyRequest


def _desk(request: AnyRequest) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


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
    dispute: DisputeState | None = None


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
        dispute=sale.dispute.state if sale.dispute else None,
    )


@get("/ledger")
async def ledger(request: AnyRequest, reference: str | None = None) -> Ledger:
    return Ledger([_entry(sale) for sale in _desk(request).book.list_sales(reference)])


@get("/faults")
async def read_faults(request: AnyRequest, account: FromQuery[str] = EVERYBODY) -> Faults:
    return _desk(request).book.read_faults(account)[1]


@post("/faults", status_code=200)
async def set_faults(request: AnyRequest, account: FromQuery[str] = EVERYBODY) -> Faults:
    """The whole state: what is not named returns to normal. Without an account, `{}` mends everything."""
    desk = _desk(request)
    try:
        faults = msgspec.json.decode(await request.body() or b"{}", type=Faults)
    except msgspec.MsgspecError as error:
        raise ValidationException(str(error)) from None
    if account not in (EVERYBODY, *desk.accounts.tenants):
        raise ValidationException(f"There is no account {account}.")
    desk.book.order_faults(account, faults)
    return faults


@post("/sales/{sale_id:str}/{what:str}", status_code=200)
async def intervene_in_sale(request: AnyRequest, sale_id: FromPath[str], what: FromPath[str]) -> Entry:
    return _entry(intervene_by_name(_desk(request), sale_id, what))


def intervene_by_name(desk: Desk, sale_id: str, what: str) -> Sale:
    """Raises NotFoundException for what there is not, ClientException (409) for what is not possible now."""
    with desk.book.transaction():
        sale = desk.find_sale("stripe", sale_id) or desk.find_sale("paypal", sale_id)
        if sale is None or what not in get_args(Intervention):
            raise NotFoundException
        try:
            intervene(desk, sale, cast("Intervention", what))
        except Refused as refused:
            raise ClientException(f"The sale is {refused.code}: this is not possible now.", status_code=409) from None
    return sale


@post("/reset", status_code=204)
async def reset(request: AnyRequest) -> Response[None]:
    _desk(request).book.reset()
    return Response(None, status_code=204)


ROUTES = Router("/control", route_handlers=[ledger, read_faults, set_faults, intervene_in_sale, reset])
