"""Applying a decision: the one way in which an appointment changes.

State (compare-and-set), audit, slot, calendars, commands and event go into the caller's transaction, or none of them.
"""

from datetime import datetime
from typing import Final

from booking.domain.appointment import STANDING, Action, Appointment, Decision
from booking.domain.errors import SlotTaken
from booking.domain.reservation import expire
from booking.domain.statistics.facts import facts_of
from booking.domain.webhook import webhook_of
from booking.store.appointments import insert_audit, list_overdue_beside, lock_appointment, move_appointment
from booking.store.assignments import end_assignments, find_clerk_of_lane, insert_assignment, move_assignment
from booking.store.commands import insert_command, withdraw_capture
from booking.store.invitations import lock_invitation_of, use_invitation
from booking.store.lanes import get_need, retake_slot
from booking.store.release import release_slot
from booking.store.statistics import insert_facts
from booking.store.webhooks import insert_deliveries
from booking.usecases.keep_back import keep_back
from contracts.booking import SUBJECT_PREFIX, AppointmentEvent, AppointmentEventType
from kit.ids import uuid7
from kit.outbox import add_event
from kit.sql import Connection

_OTHER_ENTRY: Final[frozenset[Action]] = frozenset({"move", "change_items", "reassign"})
"""After these a calendar entry has another time, another length or another clerk."""


async def record(connection: Connection, decision: Decision) -> Appointment:
    """Call it with the appointment's row locked. Raises SlotTaken, Conflict."""
    before, after = decision.before, decision.after
    await move_appointment(connection, before, after)
    await insert_audit(connection, after, decision.signature, decision.action)
    if decision.frees_slot:
        await release_slot(connection, after.id)
    if decision.takes_slot:
        await _take_slot(connection, after)
    await _keep_calendars(connection, decision)
    await _command(connection, decision)
    if decision.event:
        await tell(connection, after, decision.event)
    if after.state == "confirmed" and before.state not in STANDING:
        await _use_invitation(connection, after)
    if decision.leaves_slot:
        await keep_back(connection, before, after.updated_at)
    await insert_facts(connection, after, facts_of(decision))
    return after


async def _take_slot(connection: Connection, appointment: Appointment) -> None:
    """Others that lapsed there are cleared first: an expired reservation never stands in anyone's way."""
    if appointment.overbooked:
        return  # beside another visit: it never had a slot
    now = appointment.updated_at
    need = await get_need(connection, appointment)
    lane_ids = [lane_id for lane_ids in need.lane_groups for lane_id in lane_ids]
    for due in await list_overdue_beside(connection, appointment, lane_ids, need.until, now):
        lapsed = await lock_appointment(connection, due.tenant, due.id)
        if lapsed.is_overdue(now):
            await record(connection, expire(lapsed, now))
    await retake_slot(connection, appointment, need)


async def _use_invitation(connection: Connection, appointment: Appointment) -> None:
    """A confirmation uses the invitation up, if it was made by one. Raises SlotTaken where it is gone by now."""
    invitation = await lock_invitation_of(connection, appointment.id)
    if invitation is None or invitation.appointment_id == appointment.id:
        return
    if invitation.used_at or invitation.withdrawn_at:
        raise SlotTaken("The invitation was used otherwise, or withdrawn.")
    await use_invitation(connection, invitation.id, appointment.id, appointment.updated_at)


async def tell(
    connection: Connection, appointment: Appointment, type_: AppointmentEventType, at: datetime | None = None
) -> None:
    """`at`: if something else than the appointment changed, and when."""
    event = AppointmentEvent(
        id=uuid7(),
        type=type_,
        tenant=appointment.tenant,
        appointment_id=appointment.id,
        version=appointment.version,
        state=appointment.state,
        occurred_at=at or appointment.updated_at,
    )
    await add_event(connection, event.id, SUBJECT_PREFIX + type_, event)
    webhook = webhook_of(event, appointment)
    if webhook:
        await insert_deliveries(connection, webhook)


async def _keep_calendars(connection: Connection, decision: Decision) -> None:
    """A clerk sees a visit from its confirmation on, and until it is cancelled; a clerk who stays keeps the entry."""
    after = decision.after
    now = after.updated_at
    if after.state not in STANDING:
        await end_assignments(connection, after.id, now)
    elif decision.before.state not in STANDING or decision.action in _OTHER_ENTRY:
        clerk_id = await find_clerk_of_lane(connection, after.tenant, after.lane_id)
        await end_assignments(connection, after.id, now, keep=clerk_id)
        if clerk_id and not await move_assignment(connection, after.id, clerk_id, after.starts_at, after.ends_at, now):
            await insert_assignment(connection, after.id, clerk_id, after.starts_at, after.ends_at, now)


async def _command(connection: Connection, decision: Decision) -> None:
    after = decision.after
    for command in decision.commands:
        if command.verb == "cancel":
            await withdraw_capture(connection, command.payment_id, after.updated_at)
        await insert_command(connection, after.id, after.version, command, after.updated_at)
