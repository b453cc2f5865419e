from datetime import datetime
from uuid import UUID

from kit.sql import Connection
from payment.domain.errors import IllegalMove
from payment.domain.payment import Payment, Trigger
from payment.store.attempts import close_open_attempts, start_void
from payment.store.payments import request_cancellation
from payment.usecases.command import run_command
from payment.usecases.moves import move
from payment.usecases.once import Answer, Once
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools


async def cancel_payment(tools: Tools, tenant: str, payment_id: UUID, once: Once, actor: str) -> Answer:
    """Nothing will be charged: sessions are closed, reserved money is released. Raises IllegalMove.

    A citizen who pays at the same moment wins nothing and loses nothing: what was reserved is voided, and what was
    captured goes back by a refund.
    """

    async def decide(connection: Connection, payment: Payment, now: datetime) -> UUID | None:
        match payment.state:
            case "created":
                await move(connection, payment, Trigger.CANCEL, actor, now)
                return None
            case "pending" | "expiring":
                return await _close(connection, payment, actor, now)
            case "authorised":
                return await _void(connection, payment, actor, now)
            case "voiding" | "cancelled" | "expired":
                return None
            case _:
                raise IllegalMove(f"The payment is {payment.state}: it cannot be cancelled. Ask for a refund instead.")

    return await run_command(
        tools, tenant, payment_id, once, decide=decide, tell=lambda id_: sync_attempt(tools, tenant, id_, actor)
    )


async def _close(connection: Connection, payment: Payment, actor: str, now: datetime) -> UUID | None:
    await request_cancellation(connection, payment, now)
    live = await close_open_attempts(connection, payment.id, now)
    if live:
        return live[0]
    if payment.state == "pending":
        await move(connection, payment, Trigger.CANCEL, actor, now)
    return None


async def _void(connection: Connection, payment: Payment, actor: str, now: datetime) -> UUID | None:
    moved = await move(connection, payment, Trigger.VOID, actor, now)
    assert moved.settled_attempt_id is not None
    await start_void(connection, moved.settled_attempt_id, "authorised", now)
    return moved.settled_attempt_id
