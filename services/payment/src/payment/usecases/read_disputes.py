"""Disputes: read from the provider when a webhook or the clock says so, and recorded under the payment's lock."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from kit.ids import uuid7
from kit.sql import Connection
from payment.domain.attempt import Attempt, retry_delay
from payment.domain.dispute import TRIGGERS, Dispute
from payment.domain.payment import Payment
from payment.domain.refund import DISPUTE_LOST, RefundTrigger, refund_target
from payment.gateways.gateway import DisputeView, GatewayRefused, GatewayUnavailable
from payment.store.attempts import find_attempt_by_provider
from payment.store.disputes import (
    Look,
    claim_due_looks,
    end_look,
    find_dispute,
    find_look,
    insert_dispute,
    plan_look,
    postpone_look,
    update_dispute,
)
from payment.store.movements import hold_account
from payment.store.payments import lock_payment
from payment.store.refunds import list_waiting_refunds, make_approved_due, move_refund
from payment.usecases.book_chargeback import book_chargeback
from payment.usecases.moves import move
from payment.usecases.side_by_side import run_each
from payment.usecases.tools import Tools

log = logging.getLogger(__name__)

BATCH = 20
LEASE = timedelta(minutes=1)
AGAIN = timedelta(days=1)
"""An open dispute is looked at daily, should a webhook be lost."""
CONFIRMATION = timedelta(minutes=1)
"""After each change it is read once more."""
ACTOR = "provider"


async def read_disputes(tools: Tools) -> int:
    now = tools.clock()
    async with tools.for_all_tenants() as connection:
        due = await claim_due_looks(connection, now, now + LEASE, BATCH)
    return await run_each(due, lambda found: read_dispute(tools, found.tenant, found.id))


async def read_dispute(tools: Tools, tenant: str, look_id: UUID) -> None:
    async with tools.acting_for(tenant) as connection:
        look = await find_look(connection, look_id)
    if look is None:
        return
    gateway = await tools.gateways.find(look.tenant, look.provider)
    try:
        view = await gateway.read_dispute(look.provider_dispute_id)
    except GatewayUnavailable:
        async with tools.acting_for(tenant) as connection:
            await postpone_look(connection, look.id, tools.clock() + retry_delay(look.tries + 1), look.tries + 1)
    except GatewayRefused as error:
        log.warning("dispute not known to the provider", extra={"look": str(look.id), "code": error.code})
        async with tools.acting_for(tenant) as connection:
            await end_look(connection, look.id)
    else:
        await _record(tools, look, view)


async def _record(tools: Tools, look: Look, view: DisputeView) -> None:
    """A dispute over money that is not ours to know is left to the treasury's reconciliation."""
    now = tools.clock()
    async with tools.acting_for(look.tenant) as connection:
        await hold_account(connection, look.tenant, look.provider, now)
        attempt = await find_attempt_by_provider(connection, look.tenant, look.provider, [view.capture_id])
        if attempt is None:
            log.warning("dispute over an unknown capture", extra={"look": str(look.id), "provider": look.provider})
            await end_look(connection, look.id)
            return
        payment = await lock_payment(connection, attempt.tenant, attempt.payment_id)
        assert payment is not None
        known = await find_dispute(connection, look.tenant, look.provider, look.provider_dispute_id)
        dispute = _as_seen(known, attempt, view, now)
        await _note(connection, payment, known, dispute, now)
        if known and known.state != dispute.state:
            # Two may read at once, and the older word be written down last, when the look of the newer one has ended.
            await plan_look(connection, look.tenant, look.provider, look.provider_dispute_id, now + CONFIRMATION)
        elif dispute.state == "opened":
            await postpone_look(connection, look.id, now + AGAIN, 0)
        else:
            await end_look(connection, look.id)
        await book_chargeback(connection, payment, attempt, dispute, now)


async def _note(
    connection: Connection, payment: Payment, known: Dispute | None, dispute: Dispute, now: datetime
) -> None:
    if known is None:
        await insert_dispute(connection, dispute, now)
    elif known != dispute:
        await update_dispute(connection, dispute, now)
    if known is None or known.state != dispute.state:
        await _tell(connection, payment, dispute, now)
    if dispute.state == "won":
        await make_approved_due(connection, dispute.attempt_id, now)
    if dispute.state == "lost":
        await _end_refunds(connection, dispute, now)


async def _end_refunds(connection: Connection, dispute: Dispute, now: datetime) -> None:
    """Those that waited would pay the payer twice."""
    for refund in await list_waiting_refunds(connection, dispute.attempt_id):
        target = refund_target(refund.state, RefundTrigger.LOSE)
        await move_refund(connection, refund, target, now, failure=DISPUTE_LOST)


def _as_seen(known: Dispute | None, attempt: Attempt, view: DisputeView, now: datetime) -> Dispute:
    is_open = view.status == "opened"
    return Dispute(
        id=known.id if known else uuid7(),
        tenant=attempt.tenant,
        payment_id=attempt.payment_id,
        attempt_id=attempt.id,
        provider=attempt.provider,
        provider_dispute_id=view.dispute_id,
        state=view.status,
        amount_cents=view.amount.amount_cents,
        currency=view.amount.currency,
        reason=view.reason,
        taken_cents=view.taken_cents,
        fee_cents=view.fee_cents,
        respond_by=view.respond_by or (known.respond_by if known else None),
        opened_at=view.opened_at,
        closed_at=None if is_open else (known and known.closed_at) or now,
    )


async def _tell(connection: Connection, payment: Payment, dispute: Dispute, now: datetime) -> None:
    """In the payment's history; a stray payment's dispute leaves the one that counts as it is."""
    facts = {"payment": str(payment.id), "state": dispute.state, "provider": dispute.provider}
    log.warning("dispute", extra=facts)
    if payment.state == "paid" and payment.settled_attempt_id == dispute.attempt_id:
        await move(connection, payment, TRIGGERS[dispute.state], ACTOR, now)
