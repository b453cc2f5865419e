"""A clerk has another mail address: visits to come leave the former mailbox and come to the new one.

As at a reassignment: withdrawn there and given here under another UID, since the new mailbox never had the old entry.
Asked of live rows, not done when the address is changed: whoever configures holds the tenant, and must wait for no
visit that somebody is just moving.
"""

from booking.store.appointments import lock_appointment
from booking.store.assignments import insert_assignment
from booking.store.mailboxes import end_left_behind, list_left_behind, move_open_task
from booking.usecases.record import tell
from kit.clock import Clock
from kit.sql import Pool

BATCH = 100


async def follow_mailboxes(pool: Pool, clock: Clock) -> int:
    """How many visits were found. Notify withdraws what it had told, and invites whoever wants invitations."""
    async with pool.acquire() as connection:
        due = await list_left_behind(connection, clock(), BATCH)
    for each in due:
        async with pool.acquire() as connection, connection.transaction():
            now = clock()
            appointment = await lock_appointment(connection, each.tenant, each.appointment_id)
            ended = await end_left_behind(connection, appointment.id, now)
            for old in ended:
                new_id = await insert_assignment(
                    connection, appointment.id, old.clerk_id, old.starts_at, old.ends_at, now
                )
                await move_open_task(connection, old.id, new_id)
            if ended:  # it may have been moved to somebody else since the list was made
                await tell(connection, appointment, "appointment.invite_due", at=now)
    return len(due)
