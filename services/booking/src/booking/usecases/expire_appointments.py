"""Reservations that lapse. Nobody depends on the worker here: whoever wants a slot clears what lapsed there first."""

from booking.domain.reservation import expire
from booking.store.appointments import Due, list_overdue, lock_appointment
from booking.usecases.record import record
from kit.clock import Clock
from kit.sql import Pool

BATCH = 100


async def expire_appointments(pool: Pool, clock: Clock) -> int:
    """Tidy up; return how many had lapsed."""
    async with pool.acquire() as connection:
        overdue = await list_overdue(connection, clock(), BATCH)
    return sum([await _expire(pool, clock, due) for due in overdue])


async def _expire(pool: Pool, clock: Clock, due: Due) -> bool:
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, due.tenant, due.id)
        now = clock()
        if not appointment.is_overdue(now):  # confirmed, extended or cleared by somebody else meanwhile
            return False
        await record(connection, expire(appointment, now))
    return True
