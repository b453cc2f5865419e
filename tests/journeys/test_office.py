"""What the office begins and the citizen goes on with, by the link in a mail."""

from playwright.sync_api import expect
from tests.journeys.citizen import Citizen
from tests.support.desk import Desk
from tests.support.mails import event_of, links_of, text_of, wait_for
from tests.support.system import System


def booked(citizen: Citizen, query: str, name: str) -> str:
    """A confirmed visit in Heinsberg without a checkout; its id."""
    citizen.choose_service("heinsberg", query, name)
    citizen.reserve()
    citizen.give_contact()
    citizen.press("check-submit")
    citizen.number()
    return citizen.appointment_id()


def test_another_time_for_what_the_office_cannot_keep(system: System, citizen: Citizen) -> None:
    appointment = booked(citizen, "umzug", "Wohnsitz anmelden")
    number = citizen.number()
    first = event_of(wait_for(system, citizen.email, "Ihr Termin am")[0])
    Desk(system).post(f"/appointments/{appointment}/rebooking-offer", {"note": "Wasserschaden im Rathaus."})
    offer = wait_for(system, citizen.email, "fällt aus")[0]
    assert "Wasserschaden im Rathaus." in text_of(offer)
    citizen.page.context.clear_cookies()
    citizen.open(next(link for link in links_of(offer) if "/zugang/" in link))
    citizen.press("rebook")
    citizen.press("day", which=1)
    citizen.press("time")
    assert citizen.number() == number
    event = event_of(wait_for(system, citizen.email, "wurde geändert")[0])
    assert event["UID"] == first["UID"]  # type: ignore[index]
    assert int(event["SEQUENCE"]) == int(first["SEQUENCE"]) + 2  # type: ignore[index]
    assert event["STATUS"] == "CONFIRMED"  # type: ignore[index]


def test_no_other_time_is_wanted(system: System, visitor: Citizen) -> None:
    appointment = booked(visitor, "resident parking", "Resident parking permit")
    Desk(system).post(f"/appointments/{appointment}/rebooking-offer", {"note": ""})
    offer = wait_for(system, visitor.email, "cannot take place")[0]
    visitor.open(next(link for link in links_of(offer) if "/zugang/" in link))
    visitor.press("rebook-decline")
    visitor.press("rebook-decline")
    expect(visitor.find("rebooking")).to_have_count(0)
    assert "You have chosen no other time" in text_of(wait_for(system, visitor.email, "stays cancelled")[0])
