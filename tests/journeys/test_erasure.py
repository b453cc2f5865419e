"""A planted person lives through the whole system, is forgotten, and leaves no trace in any table, stream or log."""

from tests.journeys.citizen import Citizen
from tests.support.booker import Booker
from tests.support.mails import CONFIRMATION, links_of, text_of, wait_for
from tests.support.scan import scan_system
from tests.support.system import System
from tests.support.waiting import wait_until

PERSON = {
    "given_name": "Zacharias",
    "family_name": "Zwetschgenbäumer",
    "organisation": "Pflaumenhof",
    "phone": "01705550142",
}
EXPECTED = {
    "booking.contact.family_name",
    "booking.contact.email",
    "booking.contact.phone",
    "notify.delivery.message",
    "notify.delivery.recipient",
}
"""Where a person may stand; a scanner that finds nothing there is blind."""


def test_a_person_is_forgotten_everywhere(system: System, citizen: Citizen) -> None:
    words = [*PERSON.values(), citizen.email, "Krankheit"]
    citizen.choose_service("heinsberg", "perso", "Personalausweis beantragen (ab 24 Jahre)")
    citizen.reserve()
    citizen.give_contact(**PERSON)
    citizen.press("check-submit")
    citizen.press("pay-card")
    citizen.press("sandbox-pay")
    number = citizen.number()
    confirmation = wait_for(system, citizen.email, CONFIRMATION)[0]
    assert "Zwetschgenbäumer" in text_of(confirmation)
    wait_for(system, citizen.email, "Quittung|Zahlung")
    lost = {"number": number, "email": citizen.email}
    assert Booker(system).post("/tenants/heinsberg/find-appointment", lost).status_code == 202
    wait_for(system, citizen.email, "finden|Link|Zugang")

    before = scan_system(system, words)
    assert {trace.where for trace in before} >= EXPECTED, before
    assert {trace.where.split(".")[0] for trace in before} == {"booking", "notify"}, before

    citizen.open(next(link for link in links_of(confirmation) if "/zugang/" in link))
    citizen.press("manage-erase")
    citizen.press("erase-submit")
    assert citizen.find("erased").is_visible()
    wait_until(lambda: not any(trace.where.startswith("notify") for trace in scan_system(system, words)), 30)
    assert scan_system(system, words) == set()
    refunded = [entry for entry in system.ledger()["items"] if entry["refunded_cents"]]
    assert refunded or wait_until(lambda: [e for e in system.ledger()["items"] if e["refunded_cents"]], 30)
