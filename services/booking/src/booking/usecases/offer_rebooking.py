"""The office cannot keep a visit: its slot is free, and the citizen may choose another time."""

from datetime import datetime

from booking.domain.appointment import Appointment, By
from booking.domain.rebooking import offer_rebooking, rebook_until
from booking.store.appointments import lock_appointment
from booking.store.profile import get_profile
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.record import record
from booking.usecases.view_appointment import Access, AppointmentView, read_view
from contracts.tenant import TenantProfile
from kit.clock import Clock
from kit.sql import Connection, Pool


async def offer_rebooking_of(
    pool: Pool, clock: Clock, access: Access, note: str, by: By, *, once: Once | None = None
) -> AppointmentView:
    """One visit, by staff. Raises Conflict."""
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        if not await is_repeat(connection, once):
            profile = await get_profile(connection, access.tenant)
            await record_offer(connection, profile, appointment, note, clock(), by)
            await mark_done(connection, once)
        return await read_view(connection, access)


async def record_offer(
    connection: Connection, profile: TenantProfile, appointment: Appointment, note: str, now: datetime, by: By
) -> None:
    """In the caller's transaction, with the row locked. Raises Conflict."""
    until = rebook_until(appointment, profile.rebook_days, profile.retention_days, now)
    await record(connection, offer_rebooking(appointment, until, note, now, by))
