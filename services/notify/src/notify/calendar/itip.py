"""The calendar part of a mail (RFC 5546): for the citizen information, for the clerk an invitation.

A citizen's calendar is shared with family, a clerk's outlives our retention. So the first holds no clerk's address, no
link and no service, and the second no citizen's name.
"""

from datetime import datetime

from contracts.booking import CalendarEntry, ClerkEntry, Letter
from kit.ical import Entry, Party, cancel, publish, request
from notify.domain.kinds import CANCELLED
from notify.domain.telling import Occasion
from notify.domain.wording import Words


def write(occasion: Occasion, words: Words, organizer: str, stamp: datetime) -> bytes | None:
    """The bytes for the message's method; None if it has no calendar part. `organizer` is a service mailbox."""
    message, host = occasion.message, Party(organizer, occasion.tenant.name)
    if message.calendar is None:
        return None
    if message.clerk is None:
        return publish(_citizen_entry(message.calendar, occasion, words, host, stamp))
    entry = _clerk_entry(message.clerk, occasion.letter, words, host, stamp)
    guest = Party(message.clerk.email, message.clerk.display_name)
    return cancel(entry, guest) if message.method == "CANCEL" else request(entry, guest)


def _citizen_entry(calendar: CalendarEntry, occasion: Occasion, words: Words, host: Party, stamp: datetime) -> Entry:
    letter, tenant = occasion.letter, occasion.tenant
    return Entry(
        uid=calendar.uid,
        sequence=calendar.sequence,
        stamp=stamp,
        start=letter.start,
        end=letter.end,
        time_zone=letter.time_zone,
        summary=words.calendar_summary.format(tenant=tenant.name),
        description=words.calendar_description.format(number=letter.number, phone=tenant.phone),
        location=_location(letter, words),
        organizer=host,
        cancelled=letter.state in CANCELLED,
    )


def _clerk_entry(clerk: ClerkEntry, letter: Letter, words: Words, host: Party, stamp: datetime) -> Entry:
    services = ", ".join(f"{item.quantity} × {item.service}" for item in letter.items)
    return Entry(
        uid=clerk.calendar.uid,
        sequence=clerk.calendar.sequence,
        stamp=stamp,
        start=clerk.start,
        end=clerk.end,
        time_zone=letter.time_zone,
        summary=words.calendar_summary_clerk.format(number=letter.number, services=services),
        description=f"{services}\n{letter.unit}",
        location=_location(letter, words),
        organizer=host,
        private=True,
    )


def _location(letter: Letter, words: Words) -> str:
    if letter.channel == "phone":
        return words.calendar_by_phone
    if letter.channel == "video":
        return words.calendar_by_video
    place = letter.place
    room = [f"{words.room} {place.room}"] if place.room else []
    return ", ".join([place.name, *room, place.street, f"{place.postcode} {place.city}"])
