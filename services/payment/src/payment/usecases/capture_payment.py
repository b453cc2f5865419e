from datetime import datetime
from uuid import UUID

from kit.sql import Connection
from payment.domain.payment import Payment, Trigger
from payment.store.attempts import make_due
from payment.usecases.command import run_command
from payment.usecases.moves import move
from payment.usecases.once import Answer, Once
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools


async def capture_payment(tools: Tools, tenant: str, payment_id: UUID, once: Once, actor: str) -> Answer:
    """Take the reserved money. A second command finds the first one's work. Raises IllegalMove."""

    async def decide(connection: Connection, payment: Payment, now: datetime) -> UUID | None:
        if payment.state in ("capturing", "paid"):
            return None
        moved = await move(connection, payment, Trigger.CAPTURE, actor, now)
        assert moved.settled_attempt_id is not None
        await make_due(connection, [moved.settled_attempt_id], now)
        return moved.settled_attempt_id

    return await run_command(
        tools, tenant, payment_id, once, decide=decide, tell=lambda id_: sync_attempt(tools, tenant, id_, actor)
    )
