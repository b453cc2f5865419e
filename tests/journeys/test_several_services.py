"""A visit for two services with two persons: booked on a phone, changed at a desk by the link of its mail."""

from playwright.sync_api import expect
from tests.journeys.citizen import Citizen
from tests.support.mails import CONFIRMATION, event_of, links_of, text_of, wait_for
from tests.support.system import System

ID_CARD = "Personalausweis beantragen (ab 24 Jahre)"
PASSPORT = "Reisepass (ab 24 Jahre)"


def test_two_services_for_two_people_are_booked_and_changed(system: System, citizen: Citizen, visitor: Citizen) -> None:
    citizen.choose_service("wassenberg", "perso", ID_CARD)
    citizen.press("book")
    citizen.press("anywhere")
    expect(citizen.find("elsewhere").first).to_contain_text("Rathaus")
    citizen.page.go_back()
    citizen.press("change-items")
    citizen.page.locator("select").first.select_option("2")
    citizen.fill("q", "Eheschließung")
    with citizen.page.expect_navigation(url="**/anliegen?*q=*"):
        citizen.page.keyboard.press("Enter")
    citizen.judge()
    expect(citizen.find("why-not").first).to_contain_text("andere Stelle")
    citizen.fill("q", PASSPORT)
    citizen.press("items-search")
    citizen.press("item-add")
    expect(citizen.page.locator("main")).to_contain_text("40 Minuten")
    expect(citizen.page.locator("main")).to_contain_text("162,00")
    citizen.press("items-next")
    citizen.press("day", which=2)
    citizen.press("time")
    citizen.page.locator("[name=payment][value=counter]").check()
    citizen.give_contact()
    citizen.press("check-submit")
    number = citizen.number()
    confirmation = wait_for(system, citizen.email, CONFIRMATION)[0]
    assert PASSPORT in text_of(confirmation)

    visitor.open(next(link for link in links_of(confirmation) if "/zugang/" in link))
    visitor.press("manage-items")
    visitor.page.locator("select").first.select_option("1")
    visitor.press("items-next")
    expect(visitor.find("change-money")).to_contain_text("You pay €46.00 less. At the office you still pay €116.00.")
    visitor.press("change-submit")
    assert visitor.number() == number
    expect(visitor.find("changed")).to_be_visible()
    changed = wait_for(system, citizen.email, "geändert|Änderung")[0]
    assert int(event_of(changed)["SEQUENCE"]) > int(event_of(confirmation)["SEQUENCE"])  # type: ignore[index]
