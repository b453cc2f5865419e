"""What capture, cancellation and refund have in common: decide under the lock, then let the provider know.

The first answer is kept in the transaction that decides, so that a caller whose connection broke gets one; it is
replaced by the final one when the provider has answered.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import msgspec

from contracts.payment import PaymentView
from kit.sql import Connection
from payment.domain.errors import PaymentMissing
from payment.domain.payment import Payment
from payment.store.payments import lock_payment
from payment.usecases.once import Answer, Once, begin, finish
from payment.usecases.read_payment import get_payment, view_of
from payment.usecases.tools import Tools

Decide = Callable[[Connection, Payment, datetime], Awaitable[UUID | None]]
"""Changes what is to be changed; names what the provider must be told about, if anything."""
UNDER_WAY = ("pending", "capturing", "voiding", "expiring")


async def run_command(
    tools: Tools,
    tenant: str,
    payment_id: UUID,
    once: Once,
    *,
    decide: Decide,
    tell: Callable[[UUID], Awaitable[object]],
    refund_id: UUID | msgspec.UnsetType = msgspec.UNSET,
) -> Answer:
    """`refund_id` stands in the answer: of the refund that `decide` makes."""
    async with tools.acting_for(tenant) as connection:
        stored = await begin(connection, tools, once, tenant)
        if stored:
            return stored
        payment = await lock_payment(connection, tenant, payment_id)
        if payment is None:
            raise PaymentMissing(f"There is no payment {payment_id}.")
        subject = await decide(connection, payment, tools.clock())
        answer = await _answer(tools, connection, tenant, payment_id, refund_id)
        await finish(connection, once, answer)
    if subject is None:
        return answer
    await tell(subject)
    async with tools.acting_for(tenant) as connection:
        answer = await _answer(tools, connection, tenant, payment_id, refund_id)
        await finish(connection, once, answer)
    return answer


async def _answer(
    tools: Tools, connection: Connection, tenant: str, payment_id: UUID, refund_id: UUID | msgspec.UnsetType
) -> Answer:
    view = await view_of(tools, connection, await get_payment(connection, tenant, payment_id))
    return Answer(_status(view), msgspec.structs.replace(view, refund_id=refund_id))


def _status(view: PaymentView) -> int:
    return 202 if view.state in UNDER_WAY else 200
