"""The day of the visit, by the staff: checked in, called, completed, or nobody came."""

from collections.abc import Callable
from datetime import datetime

from booking.domain.appointment import Appointment, By, Decision
from booking.domain.attendance import beside
from booking.domain.errors import SlotTaken
from booking.store.appointments import lock_appointment
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.record import record
from booking.usecases.view_appointment import Access
from booking.usecases.view_visit import VisitDetail, read_visit
from kit.clock import Clock
from kit.sql import Connection, Pool

Step = Callable[[Appointment, datetime, By], Decision]
"""Of domain/attendance.py: check_in, call, complete, miss."""


async def attend_visit(
    pool: Pool, clock: Clock, access: Access, step: Step, by: By, *, once: Once | None = None
) -> VisitDetail:
    """Raises NotFound, Conflict, TooEarly, TooLate."""
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        if not await is_repeat(connection, once):
            await record_step(connection, step(appointment, clock(), by))
            await mark_done(connection, once)
        return await read_visit(connection, access, clock())


async def record_step(connection: Connection, decision: Decision) -> Appointment:
    """Who missed the visit had lost the slot. Who comes after all takes it again, or is served beside the other one."""
    if not decision.takes_slot:
        return await record(connection, decision)
    try:
        async with connection.transaction():
            return await record(connection, decision)
    except SlotTaken:
        return await record(connection, beside(decision))
