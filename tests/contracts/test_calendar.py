"""One entry, two writers: `calendar.ics` on booking's page and the part in notify's mails. Either updates the other, so
they say the same.
"""

from datetime import UTC, datetime

import pytest
from tests.booking.domain.samples import appointment
from tests.notify.letters import TENANT, a_letter

from booking.domain.appointment import Appointment
from booking.store.assignments import Place
from booking.usecases import publish_calendar
from contracts.booking import CalendarEntry, Letter, LetterCitizen
from kit.ical import publish
from notify.calendar import itip
from notify.domain.telling import Message, Occasion
from notify.language import language_of

STAMP = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def in_the_mail(letter: Letter, language: str) -> bytes:
    message = Message(
        audience="citizen",
        kind="confirmation",
        email="x@example.org",
        language=language,
        subject_key="x",
        method="PUBLISH",
        calendar=letter.citizen.calendar,
    )
    return itip.write(Occasion(message, letter, TENANT), language_of(language), "x@schalter.example", STAMP)


def on_the_page(found: Appointment, place: Place, language: str, video_url: str | None) -> bytes:
    words = publish_calendar._EN if language == "en" else publish_calendar._DE
    return publish(publish_calendar._entry(found, place, TENANT, words, video_url))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    ("channel", "video_url"),
    [("on_site", None), ("phone", None), ("video", None), ("video", "https://video.example/k3jd82")],
)
@pytest.mark.parametrize("state", ["confirmed", "cancelled_by_citizen", "cancelled_by_office"])
def test_page_and_mail_write_the_same_entry(state: str, channel: str, video_url: str | None, language: str) -> None:
    letter = a_letter(state=state, channel=channel)
    uid = appointment().citizen_uid
    found = appointment(
        state=state,
        channel=channel,
        number=letter.number,
        starts_at=letter.start,
        ends_at=letter.end,
        citizen_sequence=4,
        updated_at=STAMP,
    )
    place = letter.place
    on_site = Place("Bürgerbüro", place.name, place.street, place.postcode, place.city, place.room, "", "")
    calendar = CalendarEntry(uid=f"{uid}@{TENANT.email.rpartition('@')[2]}", sequence=4)
    citizen = LetterCitizen(name="E", email="x@example.org", phone=None, language=language, calendar=calendar)
    written = in_the_mail(a_letter(state=state, channel=channel, citizen=citizen, video_url=video_url), language)
    assert written == on_the_page(found, on_site, language, video_url)
