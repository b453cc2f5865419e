from datetime import datetime
from uuid import UUID

from kit.sql import Connection
from payment.domain.attempt import next_look
from payment.domain.errors import IllegalMove
from payment.domain.payment import Payment
from payment.domain.review import Plan, ReviewDecision, plan
from payment.store.attempts import lock_attempt, move_attempt
from payment.store.reviews import TakenDecision, insert_decision
from payment.usecases.command import run_command
from payment.usecases.look_at_review import look_at, refresh
from payment.usecases.moves import move
from payment.usecases.once import Answer, Once
from payment.usecases.request_refund import refund_reviewed, refund_stray
from payment.usecases.submit_refunds import submit_refund
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools


async def decide_review(
    tools: Tools, tenant: str, payment_id: UUID, decision: ReviewDecision, note: str, once: Once, *, subject: str
) -> Answer:
    """A person says what the money counts for. The provider is asked first, so that the decision rests on the present.

    Raises PaymentMissing, IllegalMove where the facts do not allow it, KeyReused.
    """
    actor = f"staff:{subject}"
    findings = await look_at(tools, tenant, payment_id, actor)
    refunds: list[UUID] = []
    attempts: list[UUID] = []

    async def decide(connection: Connection, payment: Payment, now: datetime) -> UUID | None:
        found = await refresh(connection, payment_id, findings)
        chosen = plan(decision, payment, found, now)
        if not isinstance(chosen, Plan):
            raise IllegalMove(f"This cannot be decided now: {chosen.replace('_', ' ')}.")
        moved = await move(
            connection,
            payment,
            chosen.trigger,
            actor,
            now,
            settled_attempt_id=chosen.settled.id if chosen.settled else None,
            amount_cents=chosen.amount_cents,
        )
        taken = TakenDecision(
            version=moved.version,
            decision=decision,
            note=note,
            subject=subject,
            asked_cents=payment.amount_cents,
            at=now,
        )
        captured_cents = chosen.settled.captured_cents if chosen.settled else None
        await insert_decision(connection, payment, taken, captured_cents)
        attempts.extend(await _move_attempts(connection, moved, chosen, now))
        refunds.extend(await _give_back(connection, moved, chosen, actor, now))
        return payment_id if attempts or refunds else None

    async def tell(_: UUID) -> None:
        for id_ in attempts:
            await sync_attempt(tools, tenant, id_, actor)
        for id_ in refunds:
            await submit_refund(tools, tenant, id_)

    return await run_command(tools, tenant, payment_id, once, decide=decide, tell=tell)


async def _move_attempts(connection: Connection, payment: Payment, chosen: Plan, now: datetime) -> list[UUID]:
    """Return those of which the provider must hear."""
    for after in chosen.attempts:
        before = await lock_attempt(connection, after.id)
        assert before is not None
        await move_attempt(connection, before, after, now, next_look(payment, after, now))
    return [after.id for after in chosen.attempts if after.state != "paid"]


async def _give_back(connection: Connection, payment: Payment, chosen: Plan, actor: str, now: datetime) -> list[UUID]:
    for attempt in chosen.duplicates:
        await refund_stray(connection, payment, attempt, "duplicate", now)
    wanted = [await refund_reviewed(connection, payment, attempt, actor, now) for attempt in chosen.gives_back]
    return [id_ for id_ in wanted if id_]
