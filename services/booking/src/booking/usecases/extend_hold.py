"""Five minutes more, ten times (WCAG 2.2.1)."""

from booking.domain.reservation import extend
from booking.store.appointments import lock_appointment
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.record import record
from booking.usecases.view_appointment import Access, AppointmentView, read_view
from kit.clock import Clock
from kit.sql import Pool


async def extend_hold(pool: Pool, clock: Clock, access: Access, *, once: Once | None = None) -> AppointmentView:
    """Raises HoldExpired, HoldExhausted, Conflict."""
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        if not await is_repeat(connection, once):
            await record(connection, extend(appointment, clock()))
            await mark_done(connection, once)
        return await read_view(connection, access)
