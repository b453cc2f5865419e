"""Take the next mails for senders that are free: one transaction for all who ask at the same time."""

import logging
from datetime import datetime, timedelta
from typing import TypeAlias

from kit.clock import Clock
from kit.sql import Connection, Pool
from notify.domain.pausing import PROBE
from notify.domain.sending import Drop, Go, Hold, may_go
from notify.store import claims, deliveries, pauses
from notify.store.claims import Claimed, Due, Unreadable
from notify.usecases.tell_delivery import News, tell_delivery

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)
ODD_ASIDE = timedelta(minutes=5)

Taken: TypeAlias = Claimed | Drop | Hold | None
"""For one sender: a mail to be sent; one that was put away instead; None: none is due."""


async def claim_deliveries(pool: Pool, clock: Clock, count: int) -> list[Taken]:
    """Decides in the same transaction whether each is still true; what is not, is closed without being sent."""
    now = clock()
    put_away: list[Taken] = []
    async with pool.acquire() as connection, connection.transaction():
        going = []
        for due in sorted(await claims.lock_due(connection, now, count), key=_account):
            decision = await _decide(connection, due, now)
            if isinstance(decision, Due):
                going.append(decision)
            elif decision:
                put_away.append(decision)
        claimed = await claims.move_to_claimed(connection, going, now + LEASE) if going else []
    taken = [*claimed, *put_away]
    return taken + [None] * (count - len(taken))


def _account(due: Due | Unreadable) -> str:
    """Pauses are locked in the order of their accounts, by whoever locks several."""
    return due.account if isinstance(due, Due) else ""


async def _decide(connection: Connection, due: Due | Unreadable, now: datetime) -> Due | Drop | Hold | None:
    """The mail itself: it goes. None: another sender has just taken the probe of its account."""
    if isinstance(due, Unreadable):
        return await _set_aside(connection, due, now)
    try:
        decision = may_go(due, now)
    except Exception as error:  # noqa: BLE001 - of this mail, as a time zone that is none: the others go
        return await _set_aside(connection, Unreadable(due.id, repr(error)), now)
    match decision:
        case Go():
            is_free = not due.pause_cause or await pauses.take_probe(connection, due.account, now, now + PROBE)
            return due if is_free else None
        case Drop(state, cause):
            await claims.keep(connection)
            mail = await deliveries.move_to_dropped(connection, due.id, state, cause, now)
            await tell_delivery(connection, News(mail, state, cause), now)
        case Hold(until):
            await deliveries.hold(connection, due.id, until, "quiet_hours")
    return decision


async def _set_aside(connection: Connection, odd: Unreadable, now: datetime) -> Hold:
    """It is looked at again later, perhaps by a release that understands it."""
    log.error("mail set aside: no decision about it", extra={"delivery": str(odd.id), "fault": odd.fault})
    await deliveries.hold(connection, odd.id, now + ODD_ASIDE, "undecided")
    return Hold(now + ODD_ASIDE)
