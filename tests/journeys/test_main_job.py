"""The main job, as citizens, clerks and the treasury see it, through pages, mailbox and the providers' ledger."""

from playwright.sync_api import expect
from tests.journeys.citizen import Citizen
from tests.support.mails import CONFIRMATION, calendar_of, event_of, links_of, method_of, parse, text_of, wait_for
from tests.support.system import System
from tests.support.waiting import wait_until

CLERKS = "@heinsberg.example"


def invites(system: System, number: str) -> list[str]:
    """METHODs of what the clerks of Heinsberg got about this appointment, oldest first."""
    found = []
    for item in reversed(system.messages(CLERKS)):
        raw = system.message(item["id"])
        if number.encode() in raw:
            found.append(method_of(parse(raw)))
    return found


def test_book_pay_by_card_move_and_cancel(system: System, citizen: Citizen) -> None:
    citizen.open(system.url("portal"))
    citizen.page.get_by_role("link", name="Heinsberg").filter(has_not_text="Kreis").first.click()
    citizen.choose_service("heinsberg", "perso", "Personalausweis beantragen (ab 24 Jahre)")
    expect(citizen.page.locator("main")).to_contain_text("46,00")
    expect(citizen.page.locator("main")).to_contain_text("digitales Lichtbild")
    citizen.reserve()
    citizen.give_contact()
    citizen.press("check-submit")
    citizen.press("pay-card")
    citizen.press("sandbox-pay")
    number = citizen.number()

    confirmation = wait_for(system, citizen.email, CONFIRMATION)[0]
    assert number in text_of(confirmation)
    assert method_of(confirmation) == "PUBLISH"
    receipt = wait_for(system, citizen.email, "Quittung|Zahlung")[0]
    assert "46,00" in text_of(receipt)
    wait_until(lambda: invites(system, number) == ["REQUEST"])

    manage = next(link for link in links_of(confirmation) if "/zugang/" in link)
    citizen.open(manage)
    assert "/zugang/" not in citizen.page.url
    uid = event_of(confirmation)["UID"]  # type: ignore[index]
    citizen.press("manage-reschedule")
    citizen.press("day")
    citizen.press("time", which=-1)
    assert citizen.number() == number
    changed = wait_for(system, citizen.email, "geändert|verschoben|Neuer")[0]
    assert event_of(changed)["UID"] == uid  # type: ignore[index]
    assert int(event_of(changed)["SEQUENCE"]) > int(event_of(confirmation)["SEQUENCE"])  # type: ignore[index]

    citizen.open(manage)
    citizen.press("manage-cancel")
    citizen.press("manage-cancel")
    cancelled = wait_for(system, citizen.email, "abgesagt|Absage")[0]
    assert calendar_of(cancelled)
    wait_for(system, citizen.email, "Erstattung|erstattet")
    wait_until(lambda: invites(system, number)[-1] == "CANCEL")
