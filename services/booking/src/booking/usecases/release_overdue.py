"""An expired reservation blocks nobody: whoever meets one, a reader or a booker, releases it first.

The worker calls the same function to tidy up; nobody waits for it.
"""

from datetime import datetime

from booking.store.expiry import insert_expiry_audit, move_overdue
from booking.store.release import release_slots
from booking.store.statistics import insert_abandoned
from contracts.booking import SUBJECT_PREFIX, AppointmentEvent
from kit.ids import uuid7
from kit.outbox import add_event
from kit.sql import Pool

_BATCH = 100


async def release_overdue(pool: Pool, tenant: str, now: datetime) -> int:
    """All of the tenant's, in small transactions. Returns how many there were."""
    count = 0
    while released := await _release_batch(pool, tenant, now):
        count += released
    return count


async def _release_batch(pool: Pool, tenant: str, now: datetime) -> int:
    async with pool.acquire() as connection, connection.transaction():
        overdue = await move_overdue(connection, tenant, now, _BATCH)
        await release_slots(connection, [item.id for item in overdue])
        await insert_expiry_audit(connection, tenant, overdue, now)
        somebodys = [item for item in overdue if item.is_anybodys]
        if somebodys:
            await insert_abandoned(connection, tenant, [item.id for item in somebodys])
        for item in somebodys:
            event = AppointmentEvent(
                id=uuid7(),
                type="appointment.expired",
                tenant=tenant,
                appointment_id=item.id,
                version=item.version,
                state="expired",
                occurred_at=now,
            )
            await add_event(connection, event.id, SUBJECT_PREFIX + event.type, event)
    return len(overdue)
