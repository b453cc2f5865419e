from datetime import datetime
from uuid import UUID

from kit.sql import Connection
from kit.tenants import act_for
from payment.domain.payment import Payment, Trigger
from payment.store.attempts import close_open_attempts
from payment.store.due import Due
from payment.store.payments import claim_overdue
from payment.usecases.moves import move
from payment.usecases.side_by_side import run_each
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools

BATCH = 50
ACTOR = "clock"


async def expire_payments(tools: Tools) -> int:
    """Payments whose time is up. The provider's side is closed first: a session that turns out complete counts."""
    now = tools.clock()
    async with tools.for_all_tenants() as connection:
        overdue = await claim_overdue(connection, now, BATCH)
        live = [Due(payment.tenant, id_) for payment in overdue for id_ in await _expire(connection, payment, now)]
    await run_each(live, lambda found: sync_attempt(tools, found.tenant, found.id, ACTOR))
    return len(overdue)


async def _expire(connection: Connection, payment: Payment, now: datetime) -> list[UUID]:
    """Return the attempts that are to be closed at the provider."""
    await act_for(connection, payment.tenant)
    moved = await move(connection, payment, Trigger.TIME_UP, ACTOR, now)
    if moved.state == "expired":
        return []
    live = await close_open_attempts(connection, moved.id, now)
    if not live:
        await move(connection, moved, Trigger.CLOSE_DONE, ACTOR, now)
    return live
