"""A mail goes out whose link proves the address; and again, also to a corrected address."""

import msgspec

from booking.domain.activation import MAILS_MAX, PAUSE, ask_email
from booking.domain.appointment import Appointment, PaymentMode
from booking.domain.contact import tidy
from booking.domain.errors import Conflict, TooMany
from booking.domain.fairness import OPEN_GATE, Gate
from booking.domain.reservation import RESERVATION_MAX
from booking.store.appointments import count_audited, lock_appointment, was_audited_since
from booking.store.contacts import find_contact
from booking.store.grants import find_live_grant, insert_grant, revoke_grants
from booking.usecases.admit import admit_person, wait_for_turn
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.record import record
from booking.usecases.save_contact import bind_contact
from booking.usecases.view_appointment import Access, AppointmentView, read_view
from kit.clock import Clock
from kit.ids import uuid7
from kit.sql import Connection, Pool


async def ask_activation(
    connection: Connection, clock: Clock, appointment: Appointment, mode: PaymentMode, return_url: str | None
) -> Appointment:
    """For whoever holds the appointment's row locked. The link works as long as the visit is ahead, so that who is late
    gets the same slot if it is still free. Raises SlotTaken, HoldExpired, HoldExhausted, Conflict.
    """
    now = clock()
    after = await record(connection, ask_email(appointment, mode, return_url, now))
    if await find_live_grant(connection, after.tenant, after.id, now, "activate") is None:
        await insert_grant(connection, uuid7(), after.tenant, after.id, after.starts_at, "activate")
    return after


async def ask_activation_again(
    pool: Pool,
    clock: Clock,
    access: Access,
    email: str | None,
    gate: Gate = OPEN_GATE,
    *,
    once: Once | None = None,
) -> AppointmentView:
    """`email`: where the first address was mistyped; its link is void then. `gate`: of whom it is, then. Raises
    Invalid, TooMany, Conflict.
    """
    async with pool.acquire() as connection, connection.transaction():
        await wait_for_turn(connection, gate)
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        if not await is_repeat(connection, once):
            await _require_pause(connection, clock, appointment)
            if await _correct(connection, clock, access, email):
                await admit_person(connection, appointment, gate, clock())
            await ask_activation(connection, clock, appointment, appointment.payment_mode, appointment.return_url)
            await mark_done(connection, once)
        return await read_view(connection, access)


async def _require_pause(connection: Connection, clock: Clock, appointment: Appointment) -> None:
    if appointment.state != "awaiting_email":
        raise Conflict("No mail address is waiting to be confirmed.")
    if await was_audited_since(connection, appointment.id, "ask_email", clock() - PAUSE):
        raise TooMany("A mail was sent just now. Another one can be sent in a minute.", retry_after_s=PAUSE.seconds)
    if await count_audited(connection, appointment.id, "ask_email") >= MAILS_MAX:
        detail = f"{MAILS_MAX} mails were sent for this reservation; there will be no further one."
        raise TooMany(detail, retry_after_s=RESERVATION_MAX.seconds)


async def _correct(connection: Connection, clock: Clock, access: Access, email: str | None) -> bool:
    """False: the address is the same."""
    stored = await find_contact(connection, access.tenant, access.appointment_id)
    if stored is None or email is None or email.strip() == stored.person.email:
        return False
    contact = tidy(msgspec.structs.replace(stored.person, email=email))
    await bind_contact(connection, clock, access, contact)
    await revoke_grants(connection, access.tenant, access.appointment_id, clock(), "activate")
    return True
