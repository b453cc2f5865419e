"""Clerks are written to in the language of their house: invitations, digests and feeds."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from tests.notify.agendas import a_choice, a_visit, an_agenda
from tests.notify.conftest import Notify
from tests.notify.letters import CLERK, LETTER, TENANT, a_citizen, a_letter, at_sequence
from tests.notify.reading import calendar_of, read, text_of

from contracts.booking import LetterItem
from contracts.tenant import TenantsFile
from notify.calendar.feed import write_feed
from notify.domain.digest import digest_of
from notify.language import language_of
from notify.usecases.configure import configure
from notify.usecases.read_feed import FeedShelf, Reading, read_feed

ENGLISH = msgspec.structs.replace(TENANT, clerk_language="en")
AGENDA = an_agenda(a_visit(), channel="digest")
HASH = "ab" * 32


@pytest.fixture
async def english(notify: Notify) -> Notify:
    await configure(notify.pool, TenantsFile((ENGLISH,)))
    return notify


def mails_to_clerk(notify: Notify) -> list[Any]:
    return [read(data) for _, to, data in notify.mail.taken if to == CLERK.email]


async def test_an_invitation_its_update_and_its_end(english: Notify) -> None:
    gone = at_sequence(LETTER, 2, state="cancelled_by_citizen")
    await english.tell("appointment.confirmed", LETTER)
    await english.tell("appointment.moved", at_sequence(LETTER, 1))
    await english.tell("appointment.cancelled", gone)
    mails = mails_to_clerk(english)
    assert [mail["Content-Language"] for mail in mails] == ["en"] * 3
    assert [mail["Subject"].split()[0] for mail in mails] == ["Appointment", "Changed:", "Withdrawn:"]
    assert calendar_of(mails[0]).walk("VEVENT")[0]["SUMMARY"].startswith("Appointment HS-7K2M")


async def test_the_citizen_reads_in_the_language_of_the_booking(english: Notify) -> None:
    await english.tell("appointment.confirmed", a_letter(citizen=a_citizen(language="de")))
    assert [read(data)["Content-Language"] for _, _, data in english.mail.taken] == ["de", "en"]


async def test_a_digest(english: Notify) -> None:
    english.clock.now = datetime(2027, 3, 29, 5, 0, tzinfo=UTC)
    english.booking.agendas = (AGENDA,)
    await english.digest()
    await english.send()
    (mail,) = mails_to_clerk(english)
    assert mail["Subject"] == "Your appointments on Mon 29 Mar: 1"
    assert "this is booked for the day." in text_of(mail)
    assert "Termin" not in text_of(mail)


async def test_a_feed(english: Notify) -> None:
    english.booking.agendas = (an_agenda(a_visit()),)
    await english.choose(a_choice("feed", HASH))
    reading = Reading(english.pool, english.preparation.booking, english.clock, FeedShelf(1))
    answer = await read_feed(reading, HASH, lambda _: False)
    assert answer.data
    assert b"SUMMARY:Appointment HS-7K2M" in answer.data


def test_german_is_what_nobody_has_to_choose() -> None:
    occasion = digest_of(AGENDA, TENANT, datetime(2027, 3, 29, tzinfo=UTC).date(), ())
    assert occasion
    assert occasion.message.language == "de"


IN_BOTH = LetterItem(
    service="Order certificates", names={"de": "Urkundenbestellung", "en": "Order certificates"}, quantity=1
)


async def test_a_clerk_reads_services_in_the_language_of_the_house_and_the_citizen_in_the_own(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", a_letter(citizen=a_citizen(language="en"), items=(IN_BOTH,)))
    to_citizen, to_clerk = (read(data) for _, _, data in notify.mail.taken)
    assert "Order certificates" in text_of(to_citizen)
    assert "Urkundenbestellung" not in text_of(to_citizen)
    assert "Urkundenbestellung" in text_of(to_clerk)
    assert "Order certificates" not in text_of(to_clerk)
    entry = calendar_of(to_clerk).walk("VEVENT")[0]
    assert "1 × Urkundenbestellung" in entry["SUMMARY"]
    assert "1 × Urkundenbestellung" in entry["DESCRIPTION"]


async def test_digest_and_feed_name_services_in_english_where_clerks_read_it(english: Notify) -> None:
    visit = msgspec.structs.replace(a_visit(), items=(msgspec.structs.replace(IN_BOTH, service="Urkundenbestellung"),))
    english.clock.now = datetime(2027, 3, 29, 5, 0, tzinfo=UTC)
    english.booking.agendas = (an_agenda(visit, channel="digest"),)
    await english.digest()
    await english.send()
    (mail,) = mails_to_clerk(english)
    assert "1 × Order certificates" in text_of(mail)
    assert b"1 \xc3\x97 Order certificates" in write_feed(an_agenda(visit), ENGLISH, language_of("en"), frozenset())
