"""No other time is wanted: the money goes back now. The clock declines for whoever says nothing."""

from booking.domain.appointment import By
from booking.domain.errors import Conflict
from booking.domain.rebooking import decline_rebooking
from booking.store.appointments import lock_appointment
from booking.store.rebooking import list_unused
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.record import record
from booking.usecases.view_appointment import Access, AppointmentView, read_view
from kit.clock import Clock
from kit.sql import Pool

BATCH = 100


async def decline_rebooking_of(
    pool: Pool, clock: Clock, access: Access, by: By, *, once: Once | None = None
) -> AppointmentView:
    """Raises Conflict."""
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        if not await is_repeat(connection, once):
            await record(connection, decline_rebooking(appointment, clock(), by))
            await mark_done(connection, once)
        return await read_view(connection, access)


async def give_up_rebooking(pool: Pool, clock: Clock) -> int:
    """The worker's step. Return how many were due."""
    now = clock()
    async with pool.acquire() as connection:
        due = await list_unused(connection, now, BATCH)
    for each in due:
        async with pool.acquire() as connection, connection.transaction():
            appointment = await lock_appointment(connection, each.tenant, each.id)
            try:
                await record(connection, decline_rebooking(appointment, now, By("clock")))
            except Conflict:  # the citizen chose a time since the list was made
                continue
    return len(due)
