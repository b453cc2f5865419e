from uuid import UUID

import msgspec

from contracts.money import Money
from contracts.payment import PaymentView
from kit.sql import Connection
from payment.domain.errors import PaymentMissing
from payment.domain.payment import Payment
from payment.domain.refund import Refund
from payment.store.attempts import find_last_method
from payment.store.history import HistoryEntry, is_told_as_checking, list_history
from payment.store.payments import find_payment
from payment.store.refunds import list_refunds
from payment.usecases.tools import Tools

CHECKED = ("pending", "expiring", "capturing", "voiding")
"""In these it may be unknown what becomes of the money."""


async def read_payment(tools: Tools, tenant: str, id_: UUID) -> PaymentView:
    async with tools.acting_for(tenant) as connection:
        return await view_of(tools, connection, await get_payment(connection, tenant, id_))


async def read_history(tools: Tools, tenant: str, id_: UUID) -> list[HistoryEntry]:
    async with tools.acting_for(tenant) as connection:
        await get_payment(connection, tenant, id_)
        return await list_history(connection, tenant, id_)


async def read_refunds(tools: Tools, tenant: str, id_: UUID) -> list[Refund]:
    async with tools.acting_for(tenant) as connection:
        await get_payment(connection, tenant, id_)
        return await list_refunds(connection, tenant, id_)


async def get_payment(connection: Connection, tenant: str, id_: UUID) -> Payment:
    """Raises PaymentMissing, also for another tenant's payment."""
    payment = await find_payment(connection, tenant, id_)
    if payment is None:
        raise PaymentMissing(f"There is no payment {id_}.")
    return payment


async def view_of(tools: Tools, connection: Connection, payment: Payment) -> PaymentView:
    return msgspec.structs.replace(
        view_of_new(tools, payment),
        method=await find_last_method(connection, payment.id),
        checking=payment.state in CHECKED and await is_told_as_checking(connection, payment),
    )


def view_of_new(tools: Tools, payment: Payment) -> PaymentView:
    """Nobody has begun to pay."""
    return PaymentView(
        id=payment.id,
        state=payment.state,
        version=payment.version,
        reference=payment.reference,
        amount=payment.amount,
        refunded=Money(payment.refunded_cents, payment.currency),
        next_url=tools.checkout_url(payment.tenant, payment.id),
        treasury_reference=payment.treasury_reference,
        expires_at=payment.expires_at,
    )
