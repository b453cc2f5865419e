"""What payment tells about a payment, and booking hears."""

from datetime import datetime

import msgspec

from booking.usecases.apply_payment import apply_payment_event
from contracts.payment import PaymentEvent, PaymentView
from kit.clock import Clock
from kit.ids import uuid7
from kit.sql import Pool


def news_of(payment: PaymentView, tenant: str, now: datetime) -> PaymentEvent:
    return PaymentEvent(
        id=uuid7(),
        type="payment.paid",  # the state counts, not the name
        tenant=tenant,
        payment_id=payment.id,
        version=payment.version,
        state=payment.state,
        reference=payment.reference,
        amount=payment.amount,
        refunded=payment.refunded,
        occurred_at=now,
    )


async def hear(pool: Pool, clock: Clock, tenant: str, payment: PaymentView) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await apply_payment_event(connection, clock, msgspec.json.encode(news_of(payment, tenant, clock())))
