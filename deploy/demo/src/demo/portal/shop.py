"""Selling one extract: order, payment, and the truth about it. What pages and webhooks both need."""

import asyncio
import logging
from uuid import UUID

from contracts.payment import NewPayment, PaymentItem
from demo.portal.clients import Payments, Unavailable
from demo.portal.orders import Order, Orders
from demo.portal.settings import Settings

log = logging.getLogger(__name__)

PRICE_CENTS = 1500
REGISTER_AGAIN_S = 5


class Shop:
    def __init__(self, settings: Settings, orders: Orders, payments: Payments) -> None:
        self.settings = settings
        self.orders = orders
        self.payments = payments
        self.webhook_url = f"{settings.public_url}/webhooks/payment"

    async def begin_payment(self, order: Order) -> str:
        """Return where the citizen pays. Raises Unavailable."""
        if order.next_url is None:
            payment = await self.payments.create(order.id, self._bill(order))
            self.orders.apply(order.id, payment)
            return payment.next_url
        return order.next_url

    async def refresh(self, order: Order) -> Order:
        """Ask payment how it stands; while it does not answer, what we know stands."""
        if order.payment_id is not None and not order.is_paid:
            try:
                self.orders.apply(order.id, await self.payments.get(order.payment_id))
            except Unavailable as error:
                log.warning("payment did not answer", extra={"cause": str(error)})
        return self.orders.find(order.id) or order

    async def hear(self, payment_id: UUID) -> None:
        """A genuine webhook only says that something happened: what it was is read from payment. Raises Unavailable."""
        order = self.orders.find_by_payment(payment_id)
        if order is not None:
            self.orders.apply(order.id, await self.payments.get(payment_id))

    async def register_webhook(self) -> None:
        """Once for each address, however long payment is away; the secret is told only once, so it is kept."""
        while self.orders.webhook_secret(self.webhook_url) is None:
            try:
                endpoint = await self.payments.register_webhook(self.webhook_url)
                self.orders.keep_webhook(self.webhook_url, endpoint.id, endpoint.secret)
            except Unavailable as error:
                log.info("webhook not registered yet", extra={"cause": str(error)})
                await asyncio.sleep(REGISTER_AGAIN_S)

    def _bill(self, order: Order) -> NewPayment:
        description = "Auszug Liegenschaftskarte online"
        return NewPayment(
            reference=f"LK-{order.id.hex[-12:]}",
            description=description,
            items=[
                PaymentItem(
                    description=description, quantity=1, amount_cents=PRICE_CENTS, accounting={"produkt": "09.01.01"}
                )
            ],
            return_url=f"{self.settings.public_url}/bestellung/{order.id}",
            capture="automatic",
            language="en" if order.language == "en" else "de",
        )
