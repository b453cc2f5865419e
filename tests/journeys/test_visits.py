"""Visits without a checkout, lost links, other hosts, and the pages that the law asks for."""

import re

import httpx
from playwright.sync_api import Browser, expect
from tests.journeys.citizen import Citizen
from tests.support.booker import Booker
from tests.support.mails import CONFIRMATION, links_of, text_of, wait_for
from tests.support.system import System


def test_a_free_service_needs_no_checkout(system: System, citizen: Citizen) -> None:
    citizen.choose_service("wegberg", "umzug", "Wohnsitz anmelden")
    citizen.reserve()
    citizen.give_contact()
    citizen.press("check-submit")
    assert citizen.number() in text_of(wait_for(system, citizen.email, CONFIRMATION)[0])


def test_a_fee_on_request_is_paid_at_the_counter(system: System, visitor: Citizen) -> None:
    visitor.choose_service("heinsberg", "resident parking", "Resident parking permit")
    expect(visitor.page.locator("main")).to_contain_text(re.compile("on request", re.IGNORECASE))
    visitor.reserve()
    visitor.give_contact()
    visitor.press("check-submit")
    assert visitor.number() in text_of(wait_for(system, visitor.email, "Your appointment")[0])


def test_without_a_mail_address_the_confirmation_is_printed(citizen: Citizen) -> None:
    citizen.choose_service("gangelt", "abholung", "Abholung Ausweisdokumente")
    citizen.reserve()
    citizen.give_contact(email="", phone="02454 123456")
    citizen.press("check-submit")
    assert citizen.number()
    citizen.page.emulate_media(media="print")
    expect(citizen.find("confirmation-number")).to_be_visible()


def test_a_lost_link_is_sent_again(system: System, citizen: Citizen) -> None:
    citizen.choose_service("heinsberg", "perso", "Verlust/Diebstahl Personalausweis")
    citizen.reserve()
    citizen.give_contact()
    citizen.press("check-submit")
    number = citizen.number()
    booker = Booker(system)
    path = "/tenants/heinsberg/find-appointment"
    assert booker.post(path, {"number": number, "email": "wrong@example.org"}).status_code == 202
    assert booker.post(path, {"number": number, "email": citizen.email.upper()}).status_code == 202
    found = wait_for(system, citizen.email, "finden|Link|Zugang")[0]
    citizen.page.context.clear_cookies()
    citizen.open(next(link for link in links_of(found) if "/zugang/" in link))
    assert citizen.number() == number
    assert not system.messages("wrong@example.org")


def test_contact_errors_are_told_in_words(citizen: Citizen) -> None:
    citizen.choose_service("selfkant", "meldebescheinigung", "Meldebescheinigung")
    citizen.reserve()
    citizen.give_contact(email="keine-adresse", family_name="")
    expect(citizen.page.locator("[role=alert], .error-summary").first).to_be_visible()
    assert citizen.find("contact-submit").count() == 1


def test_typing_errors_and_other_words_find(citizen: Citizen) -> None:
    for tenant, query, name in (
        ("heinsberg", "Persso", "Personalausweis"),
        ("heinsberg", "Ausweiß", "Personalausweis"),
        ("kreis-heinsberg", "auto anmelden", "Kfz"),
    ):
        citizen.open(f"{citizen.system.url('booking')}/{tenant}/")
        citizen.fill("q", query)
        citizen.press("service-search")
        expect(citizen.find("service-result").filter(has_text=name).first).to_be_visible()


def test_each_town_has_its_colours_and_its_host(system: System) -> None:
    port = system.url("booking").rsplit(":", 1)[1]
    themes = set()
    tenants = system.http.get(f"{system.url('booking')}/v1/tenants").json()["items"]
    assert len(tenants) == 11
    for tenant in tenants:
        by_path = system.http.get(f"{system.url('booking')}/{tenant['slug']}/")
        assert tenant["name"] in by_path.text
        host = tenant["hosts"][0]
        by_host = system.http.get(f"{system.url('booking')}/", headers={"Host": f"{host}:{port}"})
        assert by_host.status_code == 200
        assert tenant["name"] in by_host.text
        assert f'href="/{tenant["slug"]}/' not in by_host.text
        theme = re.search(r'href="(/static/theme/[^"]+)"', by_path.text)
        assert theme
        themes.add(system.http.get(system.url("booking") + theme.group(1)).text)
    assert len(themes) >= 9, "designs should be recognisable"


def test_pages_of_the_law(citizen: Citizen, visitor: Citizen) -> None:
    for person in (citizen, visitor):
        for page in ("impressum", "datenschutz", "barrierefreiheit", "leichte-sprache", "termin-finden"):
            person.open(f"{person.system.url('booking')}/heinsberg/{page}")
            expect(person.page.locator("h1")).to_have_count(1)


def test_without_javascript(system: System, browser: Browser) -> None:
    """The same path, with scripts off and nothing from elsewhere loaded."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{system.url('booking')}/heinsberg/termin?service=99115005000000")
    page.get_by_test_id("day").first.click()
    page.get_by_test_id("time").first.click()
    page.get_by_test_id("contact-submit").click()
    page.get_by_test_id("check-submit").click()
    expect(page.get_by_test_id("confirmation-number")).to_be_visible()
    context.close()
    assert all(url.startswith((system.url("booking"), "data:")) for url in requested), requested


def test_scanners_do_not_cancel(system: System, citizen: Citizen) -> None:
    """Mail scanners fetch every link: a GET shows, only a POST acts."""
    citizen.choose_service("heinsberg", "perso", "Verlust/Diebstahl Personalausweis")
    citizen.reserve()
    citizen.give_contact()
    citizen.press("check-submit")
    number = citizen.number()
    confirmation = wait_for(system, citizen.email, CONFIRMATION)[0]
    with httpx.Client(follow_redirects=True) as scanner:
        for link in links_of(confirmation):
            if system.url("booking") in link:
                assert scanner.get(link).is_success
    citizen.page.reload()
    assert citizen.number() == number
