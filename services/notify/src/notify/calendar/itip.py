"""The calendar part of a mail (RFC 5546): for the citizen information, for the clerk an invitation.

A citizen's calendar is shared with family, a clerk's outlives our retention. So the first holds no clerk's address, no
service and no link that opens the appointment, and the second no citizen's name unless the tenant wants it. Where a
visit by video takes place is what a calendar is for: both hold that link, as the location, since many programs show a
URL of its own to nobody.
"""

from datetime import datetime

from contracts.booking import ClerkEntry, Letter
from contracts.calendars import AgendaVisit
from kit.ical import Entry, Party, cancel, publish, request
from kit.web.language import Language
from notify.domain.kinds import CANCELLED
from notify.domain.names import defang
from notify.domain.telling import Occasion
from notify.language import room_of, services_of


def write(occasion: Occasion, t: Language, organizer: str, stamp: datetime) -> bytes:
    """The bytes for the message's method.

    `organizer` is the service mailbox to which a clerk's program answers. Nobody answers a citizen's entry: its
    organizer is the office.
    """
    message = occasion.message
    if message.clerk is None:
        return publish(_citizen_entry(occasion, t, stamp))
    entry = _clerk_entry(message.clerk, occasion, t, Party(organizer, occasion.tenant.name), stamp)
    guest = Party(message.clerk.email, message.clerk.display_name)
    return cancel(entry, guest) if message.method == "CANCEL" else request(entry, guest)


def _citizen_entry(occasion: Occasion, t: Language, stamp: datetime) -> Entry:
    """The same words as booking's `calendar.ics`, so that either updates the other."""
    letter, tenant, calendar = occasion.letter, occasion.tenant, occasion.letter.citizen.calendar
    return Entry(
        uid=calendar.uid,
        sequence=calendar.sequence,
        stamp=stamp,
        start=letter.start,
        end=letter.end,
        time_zone=letter.time_zone,
        summary=t("calendar.summary", tenant=tenant.name),
        description=t("calendar.description", number=letter.number, phone=tenant.phone),
        location=location_of(letter, t),
        organizer=Party(tenant.email, tenant.name),
        url=letter.video_url,
        cancelled=letter.state in CANCELLED,
    )


def _clerk_entry(clerk: ClerkEntry, occasion: Occasion, t: Language, host: Party, stamp: datetime) -> Entry:
    letter = occasion.letter
    citizen = letter.citizen.name if occasion.tenant.clerk_calendars_name_citizens else None
    return Entry(
        uid=clerk.calendar.uid,
        sequence=clerk.calendar.sequence,
        stamp=stamp,
        start=clerk.start,
        end=clerk.end,
        time_zone=letter.time_zone,
        summary=t("calendar.summary_clerk", number=letter.number, services=services_of(letter.items, t)),
        description=description_of(letter, citizen, t),
        location=location_of(letter, t),
        organizer=host,
        url=letter.video_url,
        private=True,
    )


def description_of(letter: Letter | AgendaVisit, citizen: str | None, t: Language) -> str:
    """`citizen`: the name, only where the tenant has clerks' calendars name citizens."""
    return "\n".join(filter(None, [services_of(letter.items, t), letter.unit, defang(citizen or "")]))


def location_of(letter: Letter | AgendaVisit, t: Language) -> str:
    if letter.channel == "phone":
        return t("calendar.by_phone")
    if letter.channel == "video":
        return letter.video_url or t("calendar.by_video")
    place = letter.place
    return ", ".join([place.name, *room_of(place, t), place.street, f"{place.postcode} {place.city}"])
