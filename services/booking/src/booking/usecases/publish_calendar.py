"""`calendar.ics`: the appointment for the citizen's own calendar, the same entry as in the mails.

Calendars are shared, so it names no service, no clerk and no link that opens anything.
"""

from booking.domain.appointment import Appointment
from booking.domain.errors import Conflict, NotFound
from booking.store.appointments import get_appointment
from booking.store.assignments import Place, find_place
from booking.store.contacts import find_contact
from booking.store.profile import get_profile
from booking.usecases.view_appointment import Access
from contracts.tenant import TenantProfile
from kit.ical import Entry, Party, publish
from kit.sql import Pool

_WORDS = {
    "de": ("Termin bei {tenant}", "Terminnummer {number}"),
    "en": ("Appointment at {tenant}", "Appointment number {number}"),
}


async def publish_calendar(pool: Pool, access: Access) -> bytes:
    """Raises NotFound, and Conflict before the confirmation."""
    async with pool.acquire() as connection:
        appointment = await get_appointment(connection, access.tenant, access.appointment_id)
        place = await find_place(connection, access.tenant, access.appointment_id)
        contact = await find_contact(connection, access.tenant, access.appointment_id)
        profile = await get_profile(connection, access.tenant)
    if place is None:
        raise NotFound("There is no such appointment.")
    if appointment.state in ("held", "awaiting_email", "awaiting_payment", "expired"):
        raise Conflict("Only a confirmed appointment stands in a calendar.")
    return publish(_entry(appointment, place, profile, contact.person.language if contact else "de"))


def _entry(appointment: Appointment, place: Place, profile: TenantProfile, language: str) -> Entry:
    summary, description = _WORDS.get(language, _WORDS["de"])
    return Entry(
        uid=f"{appointment.citizen_uid}@{profile.email.rpartition('@')[2]}",
        sequence=appointment.citizen_sequence,
        stamp=appointment.updated_at,
        start=appointment.starts_at,
        end=appointment.ends_at,
        time_zone=appointment.time_zone,
        summary=summary.format(tenant=profile.name),
        description=description.format(number=appointment.number),
        location=f"{place.location}, {place.street}, {place.postcode} {place.city}",
        organizer=Party(profile.email, profile.name),
        cancelled=appointment.state in ("cancelled_by_citizen", "cancelled_by_office"),
    )
