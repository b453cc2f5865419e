"""The staff calls a visit off: because the office cannot keep it, or on the citizen's word."""

from booking.domain.appointment import By
from booking.domain.change import cancel, cancel_by_office
from booking.store.appointments import lock_appointment
from booking.store.contacts import save_cancellation_reason
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.record import record
from booking.usecases.view_appointment import Access
from booking.usecases.view_visit import VisitDetail, read_visit
from kit.clock import Clock
from kit.sql import Pool


async def cancel_visit(
    pool: Pool, clock: Clock, access: Access, note: str, by: By, *, for_citizen: bool, once: Once | None = None
) -> VisitDetail:
    """`note` tells the citizen why; on the citizen's word it is the citizen's reason. Raises NotFound, Conflict."""
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        if not await is_repeat(connection, once):
            if for_citizen:
                await record(connection, cancel(appointment, clock(), by=by))
                await save_cancellation_reason(connection, access.tenant, access.appointment_id, note or None)
            else:
                await record(connection, cancel_by_office(appointment, note, clock(), by))
            await mark_done(connection, once)
        return await read_visit(connection, access, clock())
