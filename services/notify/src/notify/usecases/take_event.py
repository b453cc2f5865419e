"""Hear an event of booking: the projection moves on, and where mails may be due a notice is written.

Runs inside the transaction that also writes the inbox row; nothing is asked of anybody here.
"""

from typing import get_args

import msgspec

from contracts.booking import SUBJECT_PREFIX, AppointmentEvent, AppointmentEventType, InvitationEvent
from contracts.calendars import ClerkCalendarEvent
from kit.clock import Clock
from kit.events import Handler
from kit.sql import Connection
from notify.domain.kinds import TOLD_EVENTS
from notify.store.appointments import insert_appointment
from notify.store.feeds import insert_feed
from notify.store.notices import insert_invitation_notice, insert_notice
from notify.usecases.erase_appointment import erase_appointment

_KNOWN = frozenset(get_args(AppointmentEventType))


def event_taker(clock: Clock) -> Handler:
    async def take(connection: Connection, subject: str, payload: bytes) -> None:
        type_ = subject.removeprefix(SUBJECT_PREFIX)
        if type_ == "invitation.sent":
            invitation = msgspec.json.decode(payload, type=InvitationEvent)
            await insert_invitation_notice(connection, invitation, clock())
        elif type_ == "clerk.calendar_changed":
            await insert_feed(connection, msgspec.json.decode(payload, type=ClerkCalendarEvent))
        elif type_ in _KNOWN:  # a newer booking may tell more than we know
            await take_event(connection, msgspec.json.decode(payload, type=AppointmentEvent), clock)

    return take


async def take_event(connection: Connection, event: AppointmentEvent, clock: Clock) -> None:
    now = clock()
    await insert_appointment(connection, event, now)
    if event.type == "appointment.erased":
        await erase_appointment(connection, event, clock)
    if event.type in TOLD_EVENTS:
        await insert_notice(connection, event, now)
