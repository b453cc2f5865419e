"""What one person must pass before the binding step: the caps, and the challenge where the tenant asks for one.

It is counted in the transaction of the step itself, under a lock of the person's own: eight requests at once pass a cap
of three exactly three times.
"""

from datetime import datetime

from booking.domain.appointment import Appointment
from booking.domain.errors import Invalid
from booking.domain.fairness import Gate, Solved, check_bookings, check_holds
from booking.store.fairness import count_of_person, insert_used_challenge, lock_key, save_person_key
from kit.sql import Connection


async def wait_for_turn(connection: Connection, gate: Gate) -> None:
    """First of all in the transaction, before any row is locked."""
    if gate.person_key:
        await lock_key(connection, gate.person_key)


async def admit_draft(connection: Connection, appointment: Appointment, gate: Gate, now: datetime) -> None:
    """After the contact was written. Raises TooManyHolds."""
    if gate.person_key:
        await save_person_key(connection, appointment.tenant, appointment.id, gate.person_key)
        check_holds(
            gate.caps, await count_of_person(connection, appointment.tenant, gate.person_key, appointment.id, now)
        )


async def admit(connection: Connection, appointment: Appointment, gate: Gate, now: datetime, *, by_mail: bool) -> None:
    """After the contact was written, once for each appointment. `by_mail`: the address can be proved instead of a
    challenge. Raises Invalid, TooManyHolds, TooManyBookings.
    """
    if gate.needs_activation and not by_mail:
        raise Invalid.field("altcha", "is needed here: the solution of a challenge")
    if isinstance(gate.proof, Solved):
        await spend(connection, gate.proof)
    await admit_person(connection, appointment, gate, now)


async def admit_person(connection: Connection, appointment: Appointment, gate: Gate, now: datetime) -> None:
    """Also where a mistyped address is mended: else a cap would be passed by mending. Raises TooManyHolds,
    TooManyBookings.
    """
    if gate.person_key:
        await save_person_key(connection, appointment.tenant, appointment.id, gate.person_key)
        check_bookings(
            gate.caps, await count_of_person(connection, appointment.tenant, gate.person_key, appointment.id, now)
        )


async def spend(connection: Connection, solved: Solved) -> None:
    """Raises Invalid where it was spent before."""
    if not await insert_used_challenge(connection, solved.nonce, solved.until):
        raise Invalid.field("altcha", "was used before: ask for another challenge")
