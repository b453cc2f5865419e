"""What the clock makes due: a reminder on the day before, and a word to who left the checkout.

Asked of live rows each time, never scheduled: what was cancelled or moved reminds nobody.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from booking.domain.appointment import Appointment, Decision
from booking.domain.reservation import has_open_payment, tell_unfinished
from booking.domain.telling import remind
from booking.store.appointments import Due, list_to_remind, list_unfinished, lock_appointment
from booking.usecases.record import record
from kit.clock import Clock
from kit.sql import Pool

BATCH = 100


async def remind_appointments(pool: Pool, clock: Clock, ahead: timedelta) -> int:
    now = clock()
    async with pool.acquire() as connection:
        due = await list_to_remind(connection, now, ahead, BATCH)
    return await _tell(pool, now, due, _is_to_remind, remind)


async def tell_unfinished_payments(pool: Pool, clock: Clock, after: timedelta) -> int:
    now = clock()
    async with pool.acquire() as connection:
        due = await list_unfinished(connection, now - after, now, BATCH)
    return await _tell(pool, now, due, _is_unfinished, tell_unfinished)


async def _tell(
    pool: Pool,
    now: datetime,
    due: list[Due],
    still: Callable[[Appointment], bool],
    decision: Callable[[Appointment, datetime], Decision],
) -> int:
    for each in due:
        async with pool.acquire() as connection, connection.transaction():
            appointment = await lock_appointment(connection, each.tenant, each.id)
            if still(appointment):  # it may have been cancelled since the list was made
                await record(connection, decision(appointment, now))
    return len(due)


def _is_to_remind(appointment: Appointment) -> bool:
    return appointment.state == "confirmed" and appointment.reminded_at is None


def _is_unfinished(appointment: Appointment) -> bool:
    return (
        appointment.state == "awaiting_payment"
        and has_open_payment(appointment)
        and appointment.unfinished_told_at is None
    )
