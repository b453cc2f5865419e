"""The citizen cancels a payment that came by XBezahldienste: its caller has no call for that."""

from contextlib import suppress
from uuid import UUID

from payment.domain.errors import IllegalMove, PaymentMissing
from payment.store.transactions import is_transaction
from payment.usecases.cancel_payment import cancel_payment
from payment.usecases.once import Once
from payment.usecases.tools import Tools

ACTOR = "citizen"


async def end_transaction(tools: Tools, tenant: str, payment_id: UUID) -> None:
    """One that was paid meanwhile stays paid. Raises PaymentMissing."""
    async with tools.acting_for(tenant) as connection:
        if not await is_transaction(connection, tenant, payment_id):
            raise PaymentMissing("This payment is its caller's to cancel.")
    once = Once(scope=f"{tenant}:end:{payment_id}", key=ACTOR, fingerprint=b"")
    with suppress(IllegalMove):
        await cancel_payment(tools, tenant, payment_id, once, ACTOR)
