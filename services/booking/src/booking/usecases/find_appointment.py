"""A lost link ("Termin wiederfinden"): a new one goes to the address on file, if number and address fit.

The caller learns nothing: no error, no state, and the work is the same few statements.
"""

from datetime import timedelta

from booking.domain.errors import Conflict
from booking.domain.numbers import tidy_number
from booking.domain.telling import send_link
from booking.store.appointments import lock_appointment, was_audited_since
from booking.store.contacts import find_by_number
from booking.usecases.record import record
from kit.clock import Clock
from kit.sql import Pool

PAUSE = timedelta(minutes=1)
"""Between two letters to the same person, so that nobody's mailbox is flooded by a stranger."""


async def find_appointment(pool: Pool, clock: Clock, tenant: str, number: str, email: str) -> None:
    now = clock()
    async with pool.acquire() as connection, connection.transaction():
        appointment_id = await find_by_number(connection, tenant, tidy_number(number), email.strip())
        if appointment_id is None:
            return
        appointment = await lock_appointment(connection, tenant, appointment_id)
        if await was_audited_since(connection, appointment_id, "send_link", now - PAUSE):
            return
        try:
            await record(connection, send_link(appointment, now))
        except Conflict:  # over: there is nothing left to manage
            return
