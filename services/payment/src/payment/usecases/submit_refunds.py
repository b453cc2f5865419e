"""Approved refunds go to the provider: recorded, called, recorded. The key is the refund's own."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from contracts.money import Money
from kit.sql import Connection
from payment.domain.attempt import Attempt, retry_delay
from payment.domain.ledger import entry_of_refund, entry_of_reversal
from payment.domain.payment import Payment, Trigger
from payment.domain.refund import (
    CHARGE_DISPUTED,
    DISPUTE_LOST,
    DISPUTES_LAST,
    Refund,
    RefundTrigger,
    refund_key,
    refund_target,
)
from payment.gateways.gateway import GatewayRefused, GatewayUnavailable, RefundView
from payment.store.attempts import find_attempt
from payment.store.disputes import list_dispute_states
from payment.store.ledger import insert_entry
from payment.store.payments import add_refunded, lock_payment
from payment.store.refunds import (
    claim_due_refunds,
    let_succeeded_be,
    lock_refund,
    move_refund,
    postpone_refund,
    sum_reserved,
)
from payment.usecases.moves import move
from payment.usecases.side_by_side import run_each
from payment.usecases.tools import Tools

BATCH = 20
LEASE = timedelta(minutes=1)
PENDING_LOOK = timedelta(minutes=10)
DISPUTE_LOOK = timedelta(days=1)
"""An approved refund waits while the payer disputes the payment; the dispute's end makes it due."""
ACTOR = "provider"


async def submit_refunds(tools: Tools) -> int:
    """Those that are due: approved ones, ones of unknown outcome, ones the provider works on, and ones that succeeded
    and of which it has told something since.
    """
    now = tools.clock()
    async with tools.for_all_tenants() as connection:
        due = await claim_due_refunds(connection, now, now + LEASE, BATCH)
    return await run_each(due, lambda found: submit_refund(tools, found.tenant, found.id))


async def submit_refund(tools: Tools, tenant: str, refund_id: UUID) -> None:
    found = await _submit(tools, tenant, refund_id)
    if found is None:
        return
    refund, attempt = found
    try:
        view = await _ask(tools, refund, attempt)
    except GatewayUnavailable:
        due_at = tools.clock() + retry_delay(refund.tries + 1)
        async with tools.acting_for(tenant) as connection:
            await postpone_refund(connection, refund, due_at)
    except GatewayRefused as error:
        await _record(tools, refund, attempt, None, error.code)
    else:
        await _record(tools, refund, attempt, view, view.code)


async def _submit(tools: Tools, tenant: str, refund_id: UUID) -> tuple[Refund, Attempt] | None:
    """Record first that it is sent: from here on its outcome counts as unknown until the provider tells it."""
    now = tools.clock()
    async with tools.acting_for(tenant) as connection:
        refund = await lock_refund(connection, refund_id)
        if refund is None or refund.state not in ("approved", "submitted", "succeeded"):
            return None
        if refund.state == "approved":
            if await _is_disputed(connection, refund, now):
                return None
            target = refund_target(refund.state, RefundTrigger.SUBMIT)
            await move_refund(connection, refund, target, now, due_at=now + LEASE)
            refund = msgspec.structs.replace(refund, state=target)
        attempt = await find_attempt(connection, refund.attempt_id)
        assert attempt is not None
        return refund, attempt


async def _is_disputed(connection: Connection, refund: Refund, now: datetime) -> bool:
    """It waits for the end of a dispute, or a lost one has ended it."""
    disputes = await list_dispute_states(connection, refund.attempt_id)
    if "lost" in disputes:
        target = refund_target(refund.state, RefundTrigger.LOSE)
        await move_refund(connection, refund, target, now, failure=DISPUTE_LOST)
    elif "opened" in disputes:
        await postpone_refund(connection, refund, now + DISPUTE_LOOK)
    return "lost" in disputes or "opened" in disputes


async def _ask(tools: Tools, refund: Refund, attempt: Attempt) -> RefundView:
    gateway = await tools.gateways.find(refund.tenant, attempt.provider)
    if refund.provider_refund_id:
        return await gateway.read_refund(refund.provider_refund_id)
    assert attempt.capture_id is not None
    return await gateway.refund(attempt.capture_id, Money(refund.amount_cents, refund.currency), refund_key(refund.id))


async def _record(tools: Tools, refund: Refund, attempt: Attempt, view: RefundView | None, code: str | None) -> None:
    now = tools.clock()
    async with tools.acting_for(refund.tenant) as connection:
        payment = await lock_payment(connection, refund.tenant, refund.payment_id)
        fresh = await lock_refund(connection, refund.id)
        assert payment is not None
        if fresh and fresh.state == "succeeded":
            await _look_back(connection, payment, attempt, fresh, view, now)
        if fresh is None or fresh.state != "submitted":
            return
        if view is None and code == CHARGE_DISPUTED and now < refund.created_at + DISPUTES_LAST:
            # The dispute came to the provider first: once we know of it, too, its end makes this due.
            target = refund_target(fresh.state, RefundTrigger.HOLD)
            await move_refund(connection, fresh, target, now, due_at=now + DISPUTE_LOOK)
            return
        differs = view is not None and view.amount != Money(refund.amount_cents, refund.currency)
        if view is None or view.status == "failed" or differs:
            await _fail(connection, payment, attempt, fresh, "amount_differs" if differs else code or "failed", now)
        elif view.status == "pending":
            await move_refund(
                connection, fresh, "submitted", now, due_at=now + PENDING_LOOK, provider_refund_id=view.refund_id
            )
        else:
            done = msgspec.structs.replace(fresh, provider_refund_id=view.refund_id)
            await _succeed(connection, payment, attempt, done, now)


async def _look_back(
    connection: Connection, payment: Payment, attempt: Attempt, refund: Refund, view: RefundView | None, now: datetime
) -> None:
    """It succeeded, and only the provider's clear word that it failed since takes that back."""
    if view is None or view.status != "failed":
        await let_succeeded_be(connection, refund.id)
        return
    if payment.settled_attempt_id == attempt.id:
        returned_cents = min(refund.amount_cents, payment.refunded_cents)
        await add_refunded(connection, payment, -returned_cents)
        payment = msgspec.structs.replace(payment, refunded_cents=payment.refunded_cents - returned_cents)
    await _fail(connection, payment, attempt, refund, view.code or "failed", now)
    await insert_entry(connection, entry_of_reversal(payment, attempt, refund, now))


async def _fail(
    connection: Connection, payment: Payment, attempt: Attempt, refund: Refund, failure: str, now: datetime
) -> None:
    """Whoever waits for this money is told: the treasury transfers it by hand. Nobody does who got it by a dispute."""
    await move_refund(connection, refund, refund_target(refund.state, RefundTrigger.FAIL), now, failure=failure)
    if refund.amount_cents <= attempt.captured_cents - await sum_reserved(connection, attempt.id):
        await move(connection, payment, Trigger.REFUND_FAILED, ACTOR, now)


async def _succeed(connection: Connection, payment: Payment, attempt: Attempt, refund: Refund, now: datetime) -> None:
    target = refund_target(refund.state, RefundTrigger.SUCCEED)
    await move_refund(connection, refund, target, now, provider_refund_id=refund.provider_refund_id)
    await count_refund(connection, payment, attempt, refund, ACTOR, now)
    await insert_entry(connection, entry_of_refund(payment, attempt, refund, now))


async def count_refund(
    connection: Connection, payment: Payment, attempt: Attempt, refund: Refund, actor: str, now: datetime
) -> None:
    """A stray payment's refund leaves the payment as it is: only the attempt that counts does."""
    if payment.settled_attempt_id == attempt.id and payment.state == "paid":
        await add_refunded(connection, payment, refund.amount_cents)
        total_cents = payment.refunded_cents + refund.amount_cents
        payment = msgspec.structs.replace(payment, refunded_cents=total_cents)
        await move(connection, payment, Trigger.REFUND, actor, now)
