"""Take the next mails for senders that are free: one transaction for all who ask at the same time."""

from datetime import datetime, timedelta
from typing import TypeAlias

from kit.clock import Clock
from kit.sql import Connection, Pool
from notify.domain.pausing import PROBE
from notify.domain.sending import Drop, Go, Hold, may_go
from notify.store import claims, deliveries, pauses
from notify.store.claims import Claimed, Due
from notify.usecases.tell_delivery import News, tell_delivery

LEASE = timedelta(seconds=20)

Taken: TypeAlias = Claimed | Drop | Hold | None
"""For one sender: a mail to be sent; one that was put away instead; None: none is due."""


async def claim_deliveries(pool: Pool, clock: Clock, count: int) -> list[Taken]:
    """Decides in the same transaction whether each is still true; what is not, is closed without being sent."""
    now = clock()
    put_away: list[Taken] = []
    async with pool.acquire() as connection, connection.transaction():
        going = []
        for due in sorted(await claims.lock_due(connection, now, count), key=_account):
            decision = may_go(due, now)
            if not isinstance(decision, Go):
                await _put_away(connection, due, decision, now)
                put_away.append(decision)
            elif not due.pause_cause or await pauses.take_probe(connection, due.account, now, now + PROBE):
                going.append(due)
        claimed = await claims.move_to_claimed(connection, going, now + LEASE) if going else []
    taken = [*claimed, *put_away]
    return taken + [None] * (count - len(taken))


def _account(due: Due) -> str:
    """Pauses are locked in the order of their accounts, by whoever locks several."""
    return due.account


async def _put_away(connection: Connection, due: Due, decision: Drop | Hold, now: datetime) -> None:
    match decision:
        case Drop(state, cause):
            mail = await deliveries.move_to_dropped(connection, due.id, state, cause, now)
            await tell_delivery(connection, News(mail, state, cause), now)
        case Hold(until):
            await deliveries.hold(connection, due.id, until)
