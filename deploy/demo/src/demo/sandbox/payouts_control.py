"""The control desk for the treasury: payouts of what is left on the balances, and the bank's statement of them."""

from datetime import date

import msgspec
from litestar import Router, get, post
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import FromPath, FromQuery

from demo.sandbox.accounts import Provider
from demo.sandbox.bank import statement
from demo.sandbox.desk import Desk
from demo.sandbox.settlement import Payout
from demo.sandbox.settlement_desk import pay_out
from kit.requests import AnyRequest


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing named: every account of both providers."""

    tenant: str | None = None
    provider: Provider | None = None


class Made(msgspec.Struct, frozen=True):
    id: str
    provider: Provider
    tenant: str
    amount_cents: int
    currency: str
    arrives_on: date
    movements: int


class Payouts(msgspec.Struct, frozen=True):
    items: list[Made]


@post("/payouts", status_code=200)
async def make_payouts(request: AnyRequest) -> Payouts:
    desk: Desk = request.app.state.desk
    try:
        wanted = msgspec.json.decode(await request.body() or b"{}", type=Wanted)
    except msgspec.MsgspecError as error:
        raise ValidationException(str(error)) from None
    with desk.book.transaction():
        accounts = sorted({(sale.provider, sale.tenant) for sale in desk.book.list_sales()})
        made = [
            pay_out(desk, provider, tenant)
            for provider, tenant in accounts
            if wanted.provider in (None, provider) and wanted.tenant in (None, tenant)
        ]
    return Payouts([_made(payout) for payout in made if payout])


def _made(payout: Payout) -> Made:
    return Made(
        id=payout.id,
        provider=payout.provider,
        tenant=payout.tenant,
        amount_cents=payout.amount_cents,
        currency=payout.currency,
        arrives_on=payout.arrives_on,
        movements=len(payout.movements),
    )


@get("/statements/{tenant:str}", media_type="application/xml")
async def read_statement(request: AnyRequest, tenant: FromPath[str], day: FromQuery[date | None] = None) -> str:
    """Of today, unless a day is given."""
    desk: Desk = request.app.state.desk
    if desk.accounts.find(tenant) is None:
        raise NotFoundException
    providers: tuple[Provider, ...] = ("stripe", "paypal")
    payouts = [payout for provider in providers for payout in desk.book.list_payouts(provider, tenant)]
    return statement(tenant, day or desk.clock().date(), payouts)


ROUTES = Router("/control", route_handlers=[make_payouts, read_statement])
