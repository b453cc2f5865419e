"""The visit stays with its clerk after all, as was agreed: the task is done."""

from uuid import UUID

from booking.domain.errors import NotFound
from booking.store.appointments import get_appointment
from booking.store.reassign_tasks import close_task
from booking.usecases.record import tell
from kit.clock import Clock
from kit.sql import Pool


async def keep_clerk(pool: Pool, clock: Clock, tenant: str, task_id: UUID, by: str) -> None:
    """Told, since a mail about the task may still be on its way. A second time changes nothing. Raises NotFound."""
    async with pool.acquire() as connection, connection.transaction():
        now = clock()
        closed = await close_task(connection, tenant, task_id, by, now)
        if closed is None:
            raise NotFound("There is no such task.")
        if closed.is_new:
            appointment = await get_appointment(connection, tenant, closed.appointment_id)
            await tell(connection, appointment, "appointment.reassign_task", at=now)
