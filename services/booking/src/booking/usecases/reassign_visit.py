"""Another clerk at the same time: the clerks' calendars follow; the citizen's only where the room is another."""

from uuid import UUID

from booking.domain.appointment import Appointment, By
from booking.domain.change import reassign
from booking.domain.errors import Invalid
from booking.store.appointments import lock_appointment
from booking.store.exchange import exchange_lane, find_lane_of_clerk, is_other_room
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.record import record
from booking.usecases.release_overdue import release_overdue
from booking.usecases.view_appointment import Access
from booking.usecases.view_visit import VisitDetail, read_visit
from kit.clock import Clock
from kit.sql import Connection, Pool


async def reassign_visit(
    pool: Pool, clock: Clock, access: Access, clerk_id: UUID, by: By, *, once: Once | None = None
) -> VisitDetail:
    """To the same clerk: nothing happens. Raises Invalid, NotFound, SlotTaken, Conflict."""
    await release_overdue(pool, access.tenant, clock())
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        if not await is_repeat(connection, once):
            lane_id = await find_lane_of_clerk(connection, appointment, clerk_id)
            if lane_id is None:
                raise Invalid.field("clerk_id", "expected a clerk who serves these services at this place")
            if lane_id != appointment.lane_id:
                await hand_over(connection, clock, appointment, lane_id, by)
            await mark_done(connection, once)
        return await read_visit(connection, access, clock())


async def hand_over(
    connection: Connection, clock: Clock, appointment: Appointment, lane_id: int, by: By
) -> Appointment:
    """For whoever holds the appointment's row locked. Raises SlotTaken, Conflict."""
    other_room = await is_other_room(connection, appointment, lane_id)
    decision = reassign(appointment, lane_id, clock(), by, other_room=other_room)
    await exchange_lane(connection, appointment, lane_id)
    return await record(connection, decision)
