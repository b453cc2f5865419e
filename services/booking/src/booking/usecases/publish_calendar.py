"""`calendar.ics`: the appointment for the citizen's own calendar, the same entry as in the mails.

Calendars are shared, so it names no service, no clerk and no link that opens anything.
"""

from typing import NamedTuple

from booking.domain.appointment import Appointment
from booking.domain.errors import Conflict, NotFound
from booking.store.appointments import get_appointment
from booking.store.assignments import Place, find_place
from booking.store.contacts import find_contact
from booking.store.profile import get_profile
from booking.usecases.find_video_url import find_video_url
from booking.usecases.view_appointment import Access
from contracts.tenant import TenantProfile
from kit.ical import Entry, Party, publish, room_line
from kit.sql import Pool


class _Words(NamedTuple):
    """As notify's mails say it, so that the same entry reads the same."""

    summary: str
    description: str
    room: str
    by_phone: str
    by_video: str


_DE = _Words("Termin: {tenant}", "Terminnummer {number}. Fragen: {phone}", "Raum", "Telefonisch", "Videotermin")
_EN = _Words(
    "Appointment: {tenant}", "Appointment number {number}. Questions: {phone}", "Room", "By phone", "Video appointment"
)


async def publish_calendar(pool: Pool, access: Access) -> bytes:
    """Raises NotFound, and Conflict before the confirmation."""
    async with pool.acquire() as connection:
        appointment = await get_appointment(connection, access.tenant, access.appointment_id)
        place = await find_place(connection, access.tenant, access.appointment_id)
        contact = await find_contact(connection, access.tenant, access.appointment_id)
        profile = await get_profile(connection, access.tenant)
        video_url = await find_video_url(connection, appointment)
    if place is None:
        raise NotFound("There is no such appointment.")
    if appointment.state in ("held", "awaiting_email", "awaiting_payment", "expired"):
        raise Conflict("Only a confirmed appointment stands in a calendar.")
    words = _EN if contact and contact.person.language == "en" else _DE
    return publish(_entry(appointment, place, profile, words, video_url))


def _entry(
    appointment: Appointment, place: Place, profile: TenantProfile, words: _Words, video_url: str | None
) -> Entry:
    return Entry(
        uid=f"{appointment.citizen_uid}@{profile.email.rpartition('@')[2]}",
        sequence=appointment.citizen_sequence,
        stamp=appointment.updated_at,
        start=appointment.starts_at,
        end=appointment.ends_at,
        time_zone=appointment.time_zone,
        summary=words.summary.format(tenant=profile.name),
        description=words.description.format(number=appointment.number, phone=profile.phone),
        location=_location(appointment, place, words, video_url),
        organizer=Party(profile.email, profile.name),
        cancelled=appointment.state in ("cancelled_by_citizen", "cancelled_by_office"),
        url=video_url,
    )


def _location(appointment: Appointment, place: Place, words: _Words, video_url: str | None) -> str:
    if appointment.channel != "on_site":
        return words.by_phone if appointment.channel == "phone" else video_url or words.by_video
    return ", ".join(
        [place.location, *room_line(place.room, words.room), place.street, f"{place.postcode} {place.city}"]
    )
