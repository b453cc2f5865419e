"""The calendar part of a mail (RFC 5546): for the citizen information, for the clerk an invitation.

A citizen's calendar is shared with family, a clerk's outlives our retention. So the first holds no clerk's address, no
link and no service, and the second no citizen's name.
"""

from datetime import datetime

from contracts.booking import CalendarEntry, ClerkEntry, Letter
from kit.ical import Entry, Party, cancel, publish, request
from kit.web.language import Language
from notify.domain.kinds import CANCELLED
from notify.domain.telling import Occasion
from notify.language import room_of


def write(occasion: Occasion, t: Language, organizer: str, stamp: datetime) -> bytes | None:
    """The bytes for the message's method; None if it has no calendar part.

    `organizer` is the service mailbox to which a clerk's program answers. Nobody answers a citizen's entry: its
    organizer is the office.
    """
    message = occasion.message
    if message.calendar is None:
        return None
    if message.clerk is None:
        return publish(_citizen_entry(message.calendar, occasion, t, stamp))
    entry = _clerk_entry(message.clerk, occasion.letter, t, Party(organizer, occasion.tenant.name), stamp)
    guest = Party(message.clerk.email, message.clerk.display_name)
    return cancel(entry, guest) if message.method == "CANCEL" else request(entry, guest)


def _citizen_entry(calendar: CalendarEntry, occasion: Occasion, t: Language, stamp: datetime) -> Entry:
    """The same words as booking's `calendar.ics`, so that either updates the other."""
    letter, tenant = occasion.letter, occasion.tenant
    return Entry(
        uid=calendar.uid,
        sequence=calendar.sequence,
        stamp=stamp,
        start=letter.start,
        end=letter.end,
        time_zone=letter.time_zone,
        summary=t("calendar.summary", tenant=tenant.name),
        description=t("calendar.description", number=letter.number),
        location=_location(letter, t, []),
        organizer=Party(tenant.email, tenant.name),
        cancelled=letter.state in CANCELLED,
    )


def _clerk_entry(clerk: ClerkEntry, letter: Letter, t: Language, host: Party, stamp: datetime) -> Entry:
    services = ", ".join(f"{item.quantity} × {item.service}" for item in letter.items)
    return Entry(
        uid=clerk.calendar.uid,
        sequence=clerk.calendar.sequence,
        stamp=stamp,
        start=clerk.start,
        end=clerk.end,
        time_zone=letter.time_zone,
        summary=t("calendar.summary_clerk", number=letter.number, services=services),
        description=f"{services}\n{letter.unit}",
        location=_location(letter, t, room_of(letter.place, t)),
        organizer=host,
        private=True,
    )


def _location(letter: Letter, t: Language, room: list[str]) -> str:
    if letter.channel == "phone":
        return t("calendar.by_phone")
    if letter.channel == "video":
        return t("calendar.by_video")
    place = letter.place
    return ", ".join([place.name, *room, place.street, f"{place.postcode} {place.city}"])
