"""A clerk is back before time: what is left of the absence opens again. Who was told of another time stays told."""

from uuid import UUID

from booking.domain.appointment import By
from booking.domain.catalogue import Catalogue
from booking.domain.errors import Forbidden, NotFound
from booking.store import absences
from booking.store.absences import Absence, find_clerk_lanes, lock_absence
from booking.store.call_list import delete_needless_calls
from booking.store.rules import lock_rules
from booking.usecases.rebuild_masks import rebuild_lanes
from booking.usecases.replan import local_days
from kit.clock import Clock
from kit.sql import Connection, Pool


async def end_absence(
    pool: Pool, catalogue: Catalogue, clock: Clock, absence_id: UUID, by: By, *, for_others: bool
) -> Absence:
    """A second time changes nothing. Raises NotFound, Forbidden."""
    async with pool.acquire() as connection, connection.transaction():
        await lock_rules(connection, catalogue.tenant)
        absence = await lock_absence(connection, catalogue.tenant, absence_id)
        if absence is None:
            raise NotFound("There is no such absence.")
        if absence.ended_at is None:
            await _end(connection, catalogue, clock, absence, by, for_others=for_others)
        ended = await lock_absence(connection, catalogue.tenant, absence_id)
    assert ended is not None
    return ended


async def _end(
    connection: Connection, catalogue: Catalogue, clock: Clock, absence: Absence, by: By, *, for_others: bool
) -> None:
    tenant, now = catalogue.tenant, clock()
    clerk = await find_clerk_lanes(connection, tenant, absence.clerk_id)
    assert clerk is not None, "clerks are never deleted"
    if not for_others and (clerk.subject is None or clerk.subject != by.subject):
        raise Forbidden("Clerks end absences of their own; those of others need the role lead.")
    await absences.end_absence(connection, tenant, absence.id, now)
    days = local_days(catalogue, absence.starts_at, absence.ends_at)
    await rebuild_lanes(connection, tenant, clerk.lane_ids, *days, now)
    await delete_needless_calls(connection, tenant, clerk.lane_ids)
