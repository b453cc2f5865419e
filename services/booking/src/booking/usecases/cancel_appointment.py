"""The citizen calls off: the slot is free at once, the clerk's calendar is told, the money goes back."""

from booking.domain.change import cancel
from booking.store.appointments import lock_appointment
from booking.store.contacts import save_cancellation_reason
from booking.store.deadlines import get_deadlines
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.record import record
from booking.usecases.view_appointment import Access, AppointmentView, read_view
from kit.clock import Clock
from kit.sql import Pool


async def cancel_appointment(
    pool: Pool, clock: Clock, access: Access, *, reason: str | None = None, once: Once | None = None
) -> AppointmentView:
    """A second time changes nothing. Raises TooLate, Conflict."""
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        if not await is_repeat(connection, once):
            if appointment.state != "cancelled_by_citizen":
                deadlines = await get_deadlines(connection, access.tenant, access.appointment_id)
                await record(connection, cancel(appointment, clock(), deadlines))
                await save_cancellation_reason(connection, access.tenant, access.appointment_id, reason)
            await mark_done(connection, once)
        return await read_view(connection, access)
