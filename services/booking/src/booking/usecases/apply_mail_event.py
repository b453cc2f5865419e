"""News of mails: one did not reach the citizen, or a clerk declined an invitation."""

import logging
from uuid import UUID

import msgspec

from booking.domain.errors import NotFound
from booking.domain.reassigning import Refusal, note_mail_failure
from booking.store.appointments import lock_appointment
from booking.store.contacts import save_mail_failure
from booking.usecases.ask_reassignment import ask_reassignment
from booking.usecases.record import record
from contracts.notify import SUBJECT_PREFIX, ClerkDeclinedEvent, DeliveryEvent
from kit.clock import Clock
from kit.sql import Connection

log = logging.getLogger(__name__)

FAILURES = frozenset({f"{SUBJECT_PREFIX}delivery.failed", f"{SUBJECT_PREFIX}delivery.bounced"})
DECLINED = f"{SUBJECT_PREFIX}clerk_declined"


async def apply_mail_event(connection: Connection, clock: Clock, subject: str, payload: bytes) -> None:
    """In the transaction that also holds the event's inbox row. A newer notify may tell more than we know."""
    try:
        if subject in FAILURES:
            await _note_failure(connection, clock, msgspec.json.decode(payload, type=DeliveryEvent))
        elif subject == DECLINED:
            await _decline(connection, clock, msgspec.json.decode(payload, type=ClerkDeclinedEvent))
    except msgspec.ValidationError as error:
        log.warning("event not understood", extra={"subject": subject, "cause": str(error)})


async def _note_failure(connection: Connection, clock: Clock, event: DeliveryEvent) -> None:
    """Of an address that is still to be proved its citizen sees by himself or herself that nothing comes."""
    if event.appointment_id is None or event.audience != "citizen" or event.kind == "activation":
        return
    try:
        appointment = await lock_appointment(connection, event.tenant, event.appointment_id)
    except NotFound:
        return
    if await save_mail_failure(connection, event.tenant, event.appointment_id, event.occurred_at):
        await record(connection, note_mail_failure(appointment, clock()))


async def _decline(connection: Connection, clock: Clock, event: ClerkDeclinedEvent) -> None:
    """The entry's UID is the assignment's id at the tenant's domain."""
    try:
        assignment_id = UUID(event.calendar_uid.partition("@")[0])
    except ValueError:
        log.warning("event of no entry of ours", extra={"event_id": str(event.id)})
        return
    await ask_reassignment(
        connection, clock, Refusal(assignment_id=assignment_id, sequence=event.sequence), event.answer
    )
