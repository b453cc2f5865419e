"""The one way to learn how an attempt stands and to act on it: for the return page, webhooks and the sweeper alike.

Record, call, record: what is to be asked follows from the attempt's state in the database, the provider is asked
outside any transaction, and its answer is applied under the payment's lock by compare-and-set. Killed anywhere in
between, the next to come by asks the same with the same key.
"""

import logging
from datetime import datetime
from uuid import UUID

from kit.sql import Connection
from payment.domain.attempt import Attempt, Call, next_call, next_look
from payment.domain.ledger import entry_of_capture
from payment.domain.payment import Payment, Trigger
from payment.domain.settlement import Miss, Outcome, Settlement, decide
from payment.store.attempts import close_open_attempts, find_attempt, lock_attempt, move_attempt
from payment.store.ledger import insert_entry
from payment.store.payments import find_payment, lock_payment
from payment.usecases.ask_provider import ask_provider
from payment.usecases.moves import move
from payment.usecases.request_refund import refund_stray
from payment.usecases.tools import Tools

log = logging.getLogger(__name__)

STEPS_MAX = 6
"""More calls in a row than any attempt needs."""


async def sync_attempt(tools: Tools, tenant: str, attempt_id: UUID, actor: str) -> Outcome | None:
    """Ask the provider until there is nothing more to do now. Return its last word; None for an unknown attempt."""
    outcome: Outcome | None = None
    for _ in range(STEPS_MAX):
        found = await _find(tools, tenant, attempt_id)
        if found is None:
            break
        payment, attempt = found
        call = next_call(payment, attempt)
        if call is Call.READ and attempt.session_id is None:
            break
        outcome = await ask_provider(tools, payment, attempt, call)
        _log(attempt, call, outcome)
        if not await _record(tools, attempt, outcome, actor):
            break
    return outcome


async def _find(tools: Tools, tenant: str, attempt_id: UUID) -> tuple[Payment, Attempt] | None:
    async with tools.acting_for(tenant) as connection:
        attempt = await find_attempt(connection, attempt_id)
        payment = await find_payment(connection, tenant, attempt.payment_id) if attempt else None
    return (payment, attempt) if payment and attempt else None


async def _record(tools: Tools, attempt: Attempt, outcome: Outcome, actor: str) -> bool:
    """Return whether there is more to do at once."""
    now = tools.clock()
    async with tools.acting_for(attempt.tenant) as connection:
        payment = await lock_payment(connection, attempt.tenant, attempt.payment_id)
        fresh = await lock_attempt(connection, attempt.id)
        assert payment is not None
        assert fresh is not None
        if fresh.state != attempt.state:
            return True  # somebody else was faster: look again
        settlement = decide(payment, fresh, outcome)
        payment = await _apply(connection, payment, fresh, settlement, actor=actor, now=now)
        return not isinstance(outcome, Miss) and next_call(payment, settlement.attempt) is not Call.READ


async def _apply(
    connection: Connection, payment: Payment, before: Attempt, settlement: Settlement, *, actor: str, now: datetime
) -> Payment:
    after = settlement.attempt
    for trigger in settlement.triggers:
        payment = await move(
            connection,
            payment,
            trigger,
            actor,
            now,
            settled_attempt_id=after.id if settlement.is_settling else None,
            review_cause=settlement.review_cause if trigger is Trigger.REVIEW else None,
        )
    await move_attempt(connection, before, after, now, next_look(payment, after, now))
    if settlement.is_settling:
        await close_open_attempts(connection, payment.id, now)
    if settlement.refund:
        await refund_stray(connection, payment, after, settlement.refund, now)
    if settlement.is_captured:
        await insert_entry(connection, entry_of_capture(payment, after, now))
    return payment


def _log(attempt: Attempt, call: Call, outcome: Outcome) -> None:
    answer = getattr(outcome, "status", None) or getattr(outcome, "code", None)
    facts = {"attempt": str(attempt.id), "provider": attempt.provider, "call": call, "answer": answer}
    log.log(logging.WARNING if isinstance(outcome, Miss) else logging.INFO, "provider asked", extra=facts)
