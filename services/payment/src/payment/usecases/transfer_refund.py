from uuid import UUID

from kit.sql import Connection
from kit.tokens import StaffClaims
from payment.domain.attempt import Attempt
from payment.domain.errors import InvalidRequest, PaymentMissing
from payment.domain.ledger import entry_of_transfer
from payment.domain.payment import Payment
from payment.domain.refund import Refund, RefundTrigger, check_amount, refund_target
from payment.store.attempts import find_attempt
from payment.store.disputes import sum_lost
from payment.store.ledger import insert_entry
from payment.store.payments import lock_payment
from payment.store.refunds import find_refund, get_refund, lock_refund, move_refund, sum_reserved
from payment.usecases.once import Once, begin_as, finish_as
from payment.usecases.submit_refunds import count_refund
from payment.usecases.tools import Tools

REFERENCE_LENGTH_MAX = 100


async def transfer_refund(tools: Tools, treasurer: StaffClaims, refund_id: UUID, reference: str, once: Once) -> Refund:
    """The provider refused for good, and the treasury has paid by hand: `reference` names its transfer.

    Raises InvalidRequest, PaymentMissing, IllegalMove, RefundExceedsCapture, KeyReused.
    """
    reference = reference.strip()
    if not 1 <= len(reference) <= REFERENCE_LENGTH_MAX or not reference.isprintable():
        raise InvalidRequest(("reference", f"1 to {REFERENCE_LENGTH_MAX} characters in one line"))
    actor, now = f"staff:{treasurer.subject}", tools.clock()
    async with tools.acting_for(treasurer.tenant) as connection:
        stored = await begin_as(connection, once, Refund)
        if stored:
            return stored
        payment, attempt, refund = await _lock(connection, treasurer.tenant, refund_id)
        target = refund_target(refund.state, RefundTrigger.TRANSFER)
        # Since it failed, its reservation is free, and another refund or a dispute may have taken it.
        reserved_cents = await sum_reserved(connection, attempt.id) + await sum_lost(connection, attempt.id)
        check_amount(refund.amount_cents, captured_cents=attempt.captured_cents, reserved_cents=reserved_cents)
        await move_refund(connection, refund, target, now, failure=refund.failure, transfer_reference=reference)
        await count_refund(connection, payment, attempt, refund, actor, now)
        found = await get_refund(connection, refund_id)
        await finish_as(connection, once, found)
        await insert_entry(connection, entry_of_transfer(payment, attempt, refund, reference, now))
        return found


async def _lock(connection: Connection, tenant: str, refund_id: UUID) -> tuple[Payment, Attempt, Refund]:
    """The payment before its refund, as everywhere."""
    found = await find_refund(connection, tenant, refund_id)
    if found is None:
        raise PaymentMissing(f"There is no refund {refund_id}.")
    payment = await lock_payment(connection, tenant, found.payment_id)
    refund = await lock_refund(connection, refund_id)
    attempt = await find_attempt(connection, found.attempt_id)
    assert payment is not None
    assert refund is not None
    assert attempt is not None
    return payment, attempt, refund
