"""Moving a payment: state, history, event and outgoing webhooks in the caller's own transaction."""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.money import Money
from contracts.payment import PaymentEvent
from kit.ids import uuid7
from kit.outbox import add_event
from kit.sql import Connection
from payment.domain.errors import IllegalMove
from payment.domain.payment import EVENTS, Payment, Trigger, target_of
from payment.store.history import insert_history
from payment.store.payments import move_payment
from payment.store.webhooks import insert_deliveries


async def move(
    connection: Connection,
    payment: Payment,
    trigger: Trigger,
    actor: str,
    now: datetime,
    *,
    settled_attempt_id: UUID | None = None,
    review_cause: str | None = None,
    amount_cents: int | None = None,
) -> Payment:
    """Return the payment as it is now. `payment` must be locked. Raises IllegalMove."""
    target = target_of(payment.state, trigger)
    if not await move_payment(
        connection,
        payment,
        target,
        now,
        settled_attempt_id=settled_attempt_id,
        review_cause=review_cause,
        amount_cents=amount_cents,
    ):
        raise IllegalMove("The payment has changed meanwhile.")
    moved = msgspec.structs.replace(
        payment,
        state=target,
        version=payment.version + 1,
        settled_attempt_id=settled_attempt_id or payment.settled_attempt_id,
        review_cause=review_cause or payment.review_cause,
        amount_cents=amount_cents or payment.amount_cents,
    )
    await insert_history(connection, moved, trigger, actor, now)
    await _announce(connection, moved, trigger, now)
    return moved


async def _announce(connection: Connection, payment: Payment, trigger: Trigger, now: datetime) -> None:
    type_ = EVENTS.get((trigger, payment.state))
    if type_ is None:
        return
    event = PaymentEvent(
        id=uuid7(),
        type=type_,
        tenant=payment.tenant,
        payment_id=payment.id,
        version=payment.version,
        state=payment.state,
        reference=payment.reference,
        amount=payment.amount,
        refunded=Money(payment.refunded_cents, payment.currency),
        occurred_at=now,
    )
    await add_event(connection, event.id, event.type, event)
    await insert_deliveries(connection, event, now)
