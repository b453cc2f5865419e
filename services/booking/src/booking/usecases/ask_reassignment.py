"""A clerk says no to a visit: a task is made to find another one, with an owner and a deadline."""

from booking.domain.appointment import By
from booking.domain.errors import NotFound
from booking.domain.reassigning import Refusal, RefusalKind, deadline, is_ahead, note_refusal
from booking.store.appointments import lock_appointment
from booking.store.reassign_tasks import NewTask, find_deputy, find_refused, insert_task
from booking.usecases.record import record
from kit.clock import Clock
from kit.sql import Connection


async def ask_reassignment(connection: Connection, clock: Clock, refusal: Refusal, answer: RefusalKind) -> bool:
    """False: there is nothing to do, since the visit was moved, passed on, called off or begun meanwhile.

    Said twice it is one task, which opens again where the clerk had kept the visit meanwhile. What was said of an older
    revision does not hold for the newer one.
    """
    now = clock()
    refused = await find_refused(connection, refusal.assignment_id)
    if refused is None:
        return False
    try:
        appointment = await lock_appointment(connection, refused.tenant, refused.appointment_id)
    except NotFound:
        return False
    refused = await find_refused(connection, refusal.assignment_id) or refused
    if not refused.live or refused.sequence != refusal.sequence or not is_ahead(appointment, now):
        return False
    task = NewTask(
        tenant=appointment.tenant,
        appointment_id=appointment.id,
        refusal=refusal,
        answer=answer,
        owner_id=await find_deputy(connection, appointment.id, refused.clerk_id, now),
        due_at=deadline(appointment.starts_at, now),
    )
    if await insert_task(connection, task, now):
        await record(connection, note_refusal(appointment, now, By("staff", refused.subject)))
    return True
