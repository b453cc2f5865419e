"""What a mail asks for, and its reader does by the link in it."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from playwright.sync_api import expect
from tests.journeys.citizen import Citizen
from tests.support.booker import Booker, new_address
from tests.support.desk import Desk
from tests.support.mails import CONFIRMATION, event_of, links_of, text_of, wait_for
from tests.support.system import System


def booked(citizen: Citizen, query: str, name: str, day: int = 0) -> str:
    """A confirmed visit in Heinsberg without a checkout; its id."""
    citizen.choose_service("heinsberg", query, name)
    citizen.reserve(day)
    citizen.give_contact()
    citizen.press("check-submit")
    citizen.number()
    return citizen.appointment_id()


def open_from(person: Citizen, mail: EmailMessage, path: str = "/zugang/") -> None:
    """As on another device: nothing is known of the reader but the link."""
    person.page.context.clear_cookies()
    person.open(next(link for link in links_of(mail) if path in link))


def test_the_address_is_confirmed_where_the_town_wants_it(system: System, citizen: Citizen) -> None:
    citizen.choose_service("waldfeucht", "perso", "Personalausweis beantragen (ab 24 Jahre)")
    citizen.reserve()
    citizen.give_contact()
    citizen.press("check-submit")
    expect(citizen.find("activation-asked")).to_contain_text(citizen.email)
    mail = wait_for(system, citizen.email, "Bitte bestätigen Sie Ihre Adresse")[0]
    open_from(citizen, mail, "/aktivierung/")
    assert not citizen.find("confirmation-number").count()  # looking confirms nothing
    citizen.press("activate")
    citizen.press("pay-card")
    citizen.press("sandbox-pay")
    assert citizen.number() in text_of(wait_for(system, citizen.email, CONFIRMATION)[0])


def test_another_time_when_the_only_clerk_is_absent(system: System, citizen: Citizen) -> None:
    appointment = booked(citizen, "verloren", "Fundsache abholen")
    number = citizen.number()
    first = event_of(wait_for(system, citizen.email, CONFIRMATION)[0])
    lead = Desk(system, "lead")
    visit = lead.get(f"/appointments/{appointment}")
    absence = {"clerk_id": visit["clerk"]["id"], "starts_at": visit["start"], "ends_at": visit["end"]}
    lead.post("/absences", absence | {"note": "Das Fundbüro ist heute nicht besetzt."})
    offer = wait_for(system, citizen.email, "fällt aus")[0]
    assert "Das Fundbüro ist heute nicht besetzt." in text_of(offer)
    open_from(citizen, offer)
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
    open_from(visitor, offer)
    visitor.press("rebook-decline")
    visitor.press("rebook-decline")
    expect(visitor.find("rebooking")).to_have_count(0)
    assert "You have not chosen another time" in text_of(wait_for(system, visitor.email, "remains cancelled")[0])


def test_an_earlier_time_is_held_and_taken_by_one_click(system: System, citizen: Citizen) -> None:
    booker = Booker(system)
    service = booker.find_service("Wohnsitz anmelden")["id"]
    in_two_days = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    earlier = next(start for start in booker.starts(service) if start > in_two_days)
    body = {"items": [{"service_id": service, "quantity": 1}], "start": earlier}
    other = booker.post("/tenants/heinsberg/appointments", body).json()
    assert booker.confirm(other, new_address("other")).status_code == 200
    booked(citizen, "umzug", "Wohnsitz anmelden", day=6)
    number = citizen.number()
    citizen.press("manage-earlier")
    citizen.press("earlier-join")
    booker.post(f"/appointments/{other['id']}/cancellation", {}, token=other["access_token"])
    offer = wait_for(system, citizen.email, "Früherer Termin frei", timeout_s=30)[0]
    open_from(citizen, offer)
    citizen.press("earlier-show")
    citizen.press("earlier-accept")
    assert citizen.number() == number
    event = event_of(wait_for(system, citizen.email, "wurde geändert")[0])
    assert event["DTSTART"].dt == datetime.fromisoformat(earlier)  # type: ignore[index]
