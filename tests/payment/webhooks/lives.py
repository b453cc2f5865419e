"""How payments live, as the provider sees it: what happens, and what it writes about that.

A life yields the events of each stage. Told in order, they are delivered as they are yielded; else the whole life
happens first and the post comes later.
"""

from collections.abc import AsyncIterator, Callable
from uuid import UUID

from tests.payment.support.house import Clock, once, start
from tests.payment.support.paying import latest_attempt
from tests.payment.support.provider import Session
from tests.payment.webhooks.post import Account, Event, Pen

from contracts.payment import NewRefund
from kit.sql import Pool
from payment.domain.errors import PaymentError
from payment.domain.payment import Method
from payment.gateways.gateway import RefundView
from payment.usecases.cancel_payment import cancel_payment
from payment.usecases.capture_payment import capture_payment
from payment.usecases.choose_method import choose_method
from payment.usecases.expire_payments import expire_payments
from payment.usecases.request_refund import request_refund
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools

LONG_S = 82_800
SHORT_S = 60


class Life:
    def __init__(self, tools: Tools, pool: Pool, clock: Clock, account: Account, number: int) -> None:
        self.tools, self.pool, self.clock, self.account = tools, pool, clock, account
        self.tenant = account.tenant
        self.pen = Pen(number)
        self.id: UUID
        self.session: Session

    async def begin(self, method: Method, **order: object) -> None:
        payment = await start(self.tools, self.tenant, **({"expires_in_s": LONG_S} | order))
        self.id = payment.id
        await choose_method(self.tools, self.tenant, self.id, method)
        self.session = self.account.latest

    async def look(self) -> None:
        await sync_attempt(self.tools, self.tenant, await latest_attempt(self.pool, self.id), "citizen")

    async def reserve(self) -> None:
        """The citizen came back: we know of the reserved money."""
        await self.begin("card", capture="manual")
        self.session.pay()
        await self.look()

    async def refund(self, cents: int) -> RefundView:
        """Asked for, and the provider is at it."""
        self.account.refund_status = "pending"
        wanted = NewRefund(amount_cents=cents, reason="cancelled_in_time")
        await request_refund(self.tools, self.tenant, self.id, wanted, once(), actor="key:test")
        return list(self.account.refunds.values())[-1]

    def told(self, *types: str, refund: RefundView | None = None) -> list[Event]:
        return [self.pen.write(type_, self.session, refund) for type_ in types]


async def card_paid(life: Life) -> AsyncIterator[list[Event]]:
    await life.begin("card")
    yield life.told("payment_intent.created")
    life.session.pay()
    yield life.told("payment_intent.succeeded", "charge.succeeded", "checkout.session.completed")


async def paypal_paid(life: Life) -> AsyncIterator[list[Event]]:
    await life.begin("paypal")
    life.session.approve()
    yield life.told("CHECKOUT.ORDER.APPROVED")
    yield life.told("PAYMENT.CAPTURE.COMPLETED", "CHECKOUT.ORDER.COMPLETED")


async def card_reserved(life: Life) -> AsyncIterator[list[Event]]:
    await life.begin("card", capture="manual")
    life.session.pay()
    yield life.told("payment_intent.amount_capturable_updated", "checkout.session.completed")


async def paypal_reserved(life: Life) -> AsyncIterator[list[Event]]:
    await life.begin("paypal", capture="manual")
    life.session.approve()
    yield life.told("CHECKOUT.ORDER.APPROVED")
    yield life.told("PAYMENT.AUTHORIZATION.CREATED")


async def declined(life: Life) -> AsyncIterator[list[Event]]:
    await life.begin("card")
    life.session.last_decline = "card_declined"
    yield life.told("payment_intent.payment_failed", "charge.failed")


async def captured_later(life: Life) -> AsyncIterator[list[Event]]:
    await life.reserve()
    yield life.told("checkout.session.completed", "payment_intent.amount_capturable_updated")
    life.account.capture_status = "pending"
    await capture_payment(life.tools, life.tenant, life.id, once(), "key:test")
    life.account.capture_status = "paid"
    life.session.status = "paid"
    yield life.told("charge.captured", "payment_intent.succeeded")


async def lapsed(life: Life) -> AsyncIterator[list[Event]]:
    await life.reserve()
    life.session.status = "closed"
    yield life.told("payment_intent.canceled", "charge.expired")


async def refunded_twice(life: Life) -> AsyncIterator[list[Event]]:
    async for events in card_paid(life):
        yield events
    await life.look()
    for cents in (500, 600):
        refund = await life.refund(cents)
        yield life.told("refund.created", refund=refund)
        life.account.settle_refund(refund.refund_id, "succeeded")
        yield life.told("refund.updated", "charge.refunded", refund=refund)


async def refund_failed(life: Life) -> AsyncIterator[list[Event]]:
    async for events in paypal_paid(life):
        yield events
    await life.look()
    refund = await life.refund(1500)
    life.account.settle_refund(refund.refund_id, "failed")
    yield life.told("PAYMENT.REFUND.FAILED", refund=refund)


async def cancelled(life: Life) -> AsyncIterator[list[Event]]:
    """We asked for the session's end, and never heard whether it came."""
    await life.begin("card")
    life.account.lose("close")
    await cancel_payment(life.tools, life.tenant, life.id, once(), "key:test")
    yield life.told("checkout.session.expired")


async def paid_while_cancelled(life: Life) -> AsyncIterator[list[Event]]:
    await life.begin("card")
    life.session.pay()
    life.account.lose("close")
    await cancel_payment(life.tools, life.tenant, life.id, once(), "key:test")
    yield life.told("checkout.session.completed", "payment_intent.succeeded", "charge.succeeded")


async def paid_as_time_ran_out(life: Life) -> AsyncIterator[list[Event]]:
    await life.begin("card", expires_in_s=SHORT_S)
    life.session.pay()
    life.account.lose("close")
    life.clock.pass_by(seconds=SHORT_S)
    await expire_payments(life.tools)
    yield life.told("checkout.session.completed", "payment_intent.succeeded")


async def expired(life: Life) -> AsyncIterator[list[Event]]:
    await life.begin("card", expires_in_s=SHORT_S)
    life.account.lose("close")
    life.clock.pass_by(seconds=SHORT_S)
    await expire_payments(life.tools)
    yield life.told("checkout.session.expired")


async def another_method(life: Life) -> AsyncIterator[list[Event]]:
    """Paid by card while PayPal was being chosen: there is one charge."""
    await life.begin("card")
    life.session.pay()
    life.account.lose("close")
    try:
        await choose_method(life.tools, life.tenant, life.id, "paypal")
    except PaymentError as error:
        assert error.code == "provider_unavailable"  # noqa: PT017 - it is what the citizen is told
    yield life.told("checkout.session.completed", "charge.succeeded", "payment_intent.succeeded")


LIVES: dict[Callable[[Life], AsyncIterator[list[Event]]], tuple[str, int]] = {
    card_paid: ("paid", 1500),
    paypal_paid: ("paid", 1500),
    card_reserved: ("authorised", 0),
    paypal_reserved: ("authorised", 0),
    declined: ("pending", 0),
    captured_later: ("paid", 1500),
    lapsed: ("expired", 0),
    refunded_twice: ("paid", 400),
    refund_failed: ("paid", 1500),
    cancelled: ("cancelled", 0),
    paid_while_cancelled: ("paid", 0),
    paid_as_time_ran_out: ("paid", 1500),
    expired: ("expired", 0),
    another_method: ("paid", 1500),
}
"""The state in which each ends, and the cents that stay with the town."""
