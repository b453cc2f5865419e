"""How a clerk's calendar learns of visits: booking owns clerks, their choice and their visits; notify tells them.

The choice travels by event; what stands in the calendar is asked for when it is needed (`GET /internal/v1/…`, with the
service token).
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from contracts.booking import CalendarEntry, LetterItem, LetterPlace

CalendarChannel = Literal["invite", "digest", "feed"]
"""By an invitation for each visit, one mail a day, or an address that a calendar program subscribes to."""


class ClerkCalendarEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A clerk chose, or has another feed. Subject `booking.clerk.calendar_changed`; newer versions only."""

    id: UUID
    type: Literal["clerk.calendar_changed"] = "clerk.calendar_changed"
    tenant: str
    clerk_id: UUID
    version: int
    channel: CalendarChannel
    feed_hash: str | None
    """SHA-256 of the feed's token, in hexadecimal: who reads it can open nothing. Null: there is no feed (any more)."""
    occurred_at: datetime


class AgendaVisit(msgspec.Struct, frozen=True, kw_only=True):
    appointment_id: UUID
    number: str
    calendar: CalendarEntry
    changed_at: datetime
    """When this revision of the entry was made."""
    start: datetime
    end: datetime
    time_zone: str
    channel: Literal["on_site", "phone", "video"]
    unit: str
    place: LetterPlace
    items: tuple[LetterItem, ...]
    """Without documents."""
    video_url: str | None = None
    citizen: str | None = None
    """The name, only where the tenant has clerks' calendars name citizens."""


class Agenda(msgspec.Struct, frozen=True, kw_only=True):
    """A clerk's visits, by their start: `…/clerks/{id}/agenda?since=&until=`; of all clerks who chose the digest:
    `…/tenants/{slug}/digests?since=&until=`.
    """

    clerk_id: UUID
    tenant: str
    display_name: str
    email: str
    channel: CalendarChannel
    visits: tuple[AgendaVisit, ...]


class Agendas(msgspec.Struct, frozen=True):
    items: tuple[Agenda, ...]
