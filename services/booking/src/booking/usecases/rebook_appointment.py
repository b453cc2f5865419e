"""Another time for a visit that the office could not keep: number, calendar UID and payment stay. Or none."""

from datetime import datetime
from functools import partial

from booking.domain.appointment import By
from booking.domain.catalogue import Catalogue
from booking.domain.rebooking import rebook, require_open
from booking.store.appointments import lock_appointment
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.release_overdue import release_overdue
from booking.usecases.reschedule_appointment import move_to
from booking.usecases.view_appointment import Access, AppointmentView, read_view
from kit.clock import Clock
from kit.sql import Pool


async def rebook_appointment(
    pool: Pool, catalogue: Catalogue, clock: Clock, access: Access, start: datetime, by: By, *, once: Once | None = None
) -> AppointmentView:
    """The same time again changes nothing. Raises Invalid (no such time), SlotTaken, TooLate, Conflict."""
    await release_overdue(pool, access.tenant, clock())
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        if not await is_repeat(connection, once):
            if appointment.state != "confirmed" or appointment.starts_at != start:
                require_open(appointment, clock())
                await move_to(connection, catalogue, clock(), appointment, start, partial(rebook, by=by))
            await mark_done(connection, once)
        return await read_view(connection, access)
