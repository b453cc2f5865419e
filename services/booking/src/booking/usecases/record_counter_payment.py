"""A clerk marks what was paid at the counter; again to correct it."""

from booking.domain.appointment import By
from booking.domain.counter_payment import pay_at_counter
from booking.store.appointments import lock_appointment
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.record import record
from booking.usecases.view_appointment import Access
from booking.usecases.view_visit import VisitDetail, read_visit
from kit.clock import Clock
from kit.sql import Pool


async def record_counter_payment(
    pool: Pool, clock: Clock, access: Access, amount_cents: int, by: By, *, once: Once | None = None
) -> VisitDetail:
    """Raises NotFound, Conflict."""
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        if not await is_repeat(connection, once):
            await record(connection, pay_at_counter(appointment, amount_cents, clock(), by))
            await mark_done(connection, once)
        return await read_visit(connection, access, clock())
