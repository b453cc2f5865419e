"""Refunds are reserved under the payment's lock: their sum never exceeds what was captured."""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.payment import NewRefund
from kit.ids import uuid7
from kit.sql import Connection
from payment.domain.attempt import Attempt
from payment.domain.dispute import check_undisputed
from payment.domain.errors import IllegalMove, InvalidRequest
from payment.domain.payment import Payment
from payment.domain.refund import DISPUTE_LOST, Refund, RefundReason, check_amount, first_state, requester
from payment.domain.settlement import StrayReason
from payment.store.attempts import find_attempt
from payment.store.disputes import list_dispute_states
from payment.store.refunds import insert_refund, sum_reserved
from payment.store.tenants import has_standing_order
from payment.usecases.command import run_command
from payment.usecases.once import Answer, Once
from payment.usecases.submit_refunds import submit_refund
from payment.usecases.tools import Tools


async def request_refund(
    tools: Tools, tenant: str, payment_id: UUID, wanted: NewRefund, once: Once, *, actor: str
) -> Answer:
    """Raises InvalidRequest, PaymentMissing, IllegalMove, PaymentDisputed, RefundExceedsCapture, KeyReused."""
    if wanted.amount_cents <= 0:
        raise InvalidRequest(("amount_cents", "must be positive"))
    refund_id = uuid7()

    async def reserve(connection: Connection, payment: Payment, now: datetime) -> UUID | None:
        attempt = await _find_settled(connection, payment)
        check_undisputed(await list_dispute_states(connection, attempt.id))
        reserved_cents = await sum_reserved(connection, attempt.id)
        check_amount(wanted.amount_cents, captured_cents=attempt.captured_cents, reserved_cents=reserved_cents)
        draft = _draft(payment, attempt, wanted.amount_cents, wanted.reason, actor, now)
        refund = msgspec.structs.replace(draft, id=refund_id)
        return refund.id if await _insert(connection, refund) == "approved" else None

    return await run_command(
        tools,
        tenant,
        payment_id,
        once,
        decide=reserve,
        tell=lambda id_: submit_refund(tools, tenant, id_),
        refund_id=refund_id,
    )


async def refund_stray(
    connection: Connection, payment: Payment, attempt: Attempt, reason: StrayReason, now: datetime
) -> None:
    """A payment made twice or too late goes back by itself, whole and once; the valid payment stays as it is."""
    await _refund_rest(connection, payment, attempt, reason, "provider", now)


async def refund_reviewed(
    connection: Connection, payment: Payment, attempt: Attempt, actor: str, now: datetime
) -> UUID | None:
    """A person decided to give back what came in; a second one releases it. None: it went back already."""
    return await _refund_rest(connection, payment, attempt, "review", actor, now)


async def _refund_rest(
    connection: Connection, payment: Payment, attempt: Attempt, reason: RefundReason, actor: str, now: datetime
) -> UUID | None:
    left_cents = attempt.captured_cents - await sum_reserved(connection, attempt.id)
    if left_cents <= 0:
        return None
    refund = _draft(payment, attempt, left_cents, reason, actor, now)
    await _insert(connection, refund)
    return refund.id


async def _find_settled(connection: Connection, payment: Payment) -> Attempt:
    if payment.state != "paid" or payment.settled_attempt_id is None:
        raise IllegalMove(f"The payment is {payment.state}: there is nothing to give back.")
    attempt = await find_attempt(connection, payment.settled_attempt_id)
    assert attempt is not None
    return attempt


def _draft(
    payment: Payment, attempt: Attempt, amount_cents: int, reason: RefundReason, actor: str, now: datetime
) -> Refund:
    return Refund(
        id=uuid7(),
        tenant=payment.tenant,
        payment_id=payment.id,
        attempt_id=attempt.id,
        state="requested",
        amount_cents=amount_cents,
        currency=payment.currency,
        reason=reason,
        requested_by=requester(reason, actor),
        created_at=now,
    )


async def _insert(connection: Connection, refund: Refund) -> str:
    """Return the state it starts in."""
    standing_order = await has_standing_order(connection, refund.tenant)
    is_lost = "lost" in await list_dispute_states(connection, refund.attempt_id)
    state = first_state(refund.requested_by, standing_order=standing_order, is_lost=is_lost)
    due_at = refund.created_at if state == "approved" else None
    failure = DISPUTE_LOST if is_lost else None
    await insert_refund(connection, msgspec.structs.replace(refund, state=state, failure=failure), due_at)
    return state
