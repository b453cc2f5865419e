"""The staff move a visit: at any time ahead, also one that was forgotten this morning, and to a certain clerk."""

from datetime import datetime
from functools import partial
from uuid import UUID

from booking.domain.appointment import By, decide
from booking.domain.catalogue import Catalogue
from booking.domain.change import move
from booking.domain.errors import Invalid
from booking.domain.hold import staff_options
from booking.store.appointments import lock_appointment
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.release_overdue import release_overdue
from booking.usecases.reschedule_appointment import move_to
from booking.usecases.view_appointment import Access
from booking.usecases.view_visit import VisitDetail, read_visit
from kit.clock import Clock
from kit.sql import Pool


async def reschedule_visit(
    pool: Pool,
    catalogue: Catalogue,
    clock: Clock,
    access: Access,
    start: datetime,
    by: By,
    *,
    clerk_id: UUID | None = None,
    once: Once | None = None,
) -> VisitDetail:
    """No deadline, notice or quota binds. Raises Invalid, NotFound, SlotTaken, Conflict."""
    await release_overdue(pool, access.tenant, clock())
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        if not await is_repeat(connection, once):
            decide(appointment, "move", "confirmed", clock(), by=by)
            if appointment.starts_at == start:
                raise Invalid.field("start", "the visit is at this time; a reassignment gives it another clerk")
            await move_to(
                connection, catalogue, clock(), appointment, start, partial(move, by=by), staff_options(by), clerk_id
            )
            await mark_done(connection, once)
        return await read_visit(connection, access, clock())
