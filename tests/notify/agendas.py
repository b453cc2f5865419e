"""A clerk's day as booking tells it, made of the letters' clerk and visit."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from tests.notify.letters import CLERK, LETTER, NOW, START

from contracts.booking import CalendarEntry, Letter
from contracts.calendars import Agenda, AgendaVisit, CalendarChannel, ClerkCalendarEvent
from kit.ids import uuid7


def a_visit(letter: Letter = LETTER, **changes: Any) -> AgendaVisit:
    """The letter's visit, as it stands in its clerk's day."""
    clerk = letter.clerks[0]
    visit = AgendaVisit(
        appointment_id=letter.appointment_id,
        number=letter.number,
        calendar=clerk.calendar,
        changed_at=NOW,
        start=clerk.start,
        end=clerk.end,
        time_zone=letter.time_zone,
        channel=letter.channel,
        unit=letter.unit,
        place=letter.place,
        items=letter.items,
        video_url=letter.video_url,
    )
    return msgspec.structs.replace(visit, **changes)


def an_agenda(*visits: AgendaVisit, channel: CalendarChannel = "feed", **changes: Any) -> Agenda:
    agenda = Agenda(
        clerk_id=CLERK.clerk_id,
        tenant=LETTER.tenant,
        display_name=CLERK.display_name,
        email=CLERK.email,
        channel=channel,
        visits=visits or (a_visit(),),
    )
    return msgspec.structs.replace(agenda, **changes)


def many_visits(count: int, first: datetime = START) -> tuple[AgendaVisit, ...]:
    """Every half hour, day and night."""
    return tuple(
        a_visit(
            calendar=CalendarEntry(uid=f"{UUID(int=number)}@heinsberg.example", sequence=0),
            start=first + timedelta(minutes=30 * number),
            end=first + timedelta(minutes=30 * number + 20),
        )
        for number in range(count)
    )


def a_choice(channel: CalendarChannel, feed_hash: str | None = None, version: int = 1) -> ClerkCalendarEvent:
    return ClerkCalendarEvent(
        id=uuid7(),
        tenant=LETTER.tenant,
        clerk_id=CLERK.clerk_id,
        version=version,
        channel=channel,
        feed_hash=feed_hash,
        occurred_at=NOW,
    )
