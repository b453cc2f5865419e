"""Paying, and all the ways of not paying: declined, abandoned, reloaded, pressed twice, switched, given up."""

from playwright.sync_api import expect
from tests.journeys.citizen import Citizen
from tests.support.mails import CONFIRMATION, links_of, text_of, wait_for
from tests.support.system import System
from tests.support.waiting import wait_until


def reach_checkout(citizen: Citizen, tenant: str = "erkelenz") -> None:
    name = "Führungszeugnis" if citizen.language == "de" else "Certificate of conduct"
    citizen.choose_service(tenant, name, name)
    citizen.reserve()
    citizen.give_contact()
    citizen.press("check-submit")
    expect(citizen.find("pay-card")).to_be_visible()


def test_paypal_in_english_at_a_desk(system: System, visitor: Citizen) -> None:
    reach_checkout(visitor)
    visitor.press("pay-paypal")
    visitor.press("sandbox-pay")
    number = visitor.number()
    confirmation = wait_for(system, visitor.email, "appointment")[0]
    assert number in text_of(confirmation)
    assert confirmation["Content-Language"] == "en"
    receipt = wait_for(system, visitor.email, "[Rr]eceipt")[0]
    assert "€13.00" in text_of(receipt)
    (story,) = [link for link in links_of(receipt) if "/checkout/" in link]
    visitor.open(story)
    expect(visitor.find("timeline")).to_contain_text("€13.00 reserved")
    expect(visitor.find("timeline")).to_contain_text("€13.00 paid")
    visitor.press("receipt")
    expect(visitor.find("receipt-pdf")).to_be_visible()
    visitor.press("receipt-verify")
    expect(visitor.find("verification-genuine")).to_be_visible()


def test_declined_then_paid_otherwise(system: System, citizen: Citizen) -> None:
    reach_checkout(citizen)
    citizen.press("pay-card")
    citizen.press("sandbox-decline")
    citizen.press("sandbox-abandon")
    citizen.press("pay-paypal")
    citizen.press("sandbox-pay")
    citizen.number()
    assert len(wait_for(system, citizen.email, "Quittung|Zahlung")) == 1


def test_back_reload_and_pay_twice(system: System, citizen: Citizen) -> None:
    reach_checkout(citizen)
    checkout = citizen.page.url
    citizen.press("pay-card")
    hosted = citizen.page.url
    citizen.page.go_back()
    citizen.open(checkout)
    citizen.press("pay-card")
    citizen.press("sandbox-pay")
    number = citizen.number()
    citizen.page.reload()
    assert citizen.number() == number
    citizen.page.goto(hosted)  # a tab left open
    if citizen.find("sandbox-pay").count():
        citizen.press("sandbox-pay")
    citizen.open(checkout)
    expect(citizen.find("payment-state")).to_be_visible()
    assert citizen.find("pay-card").count() == 0
    charges = [entry for entry in system.ledger()["items"] if entry["captured_cents"] - entry["refunded_cents"] > 0]
    references = [entry["reference"] for entry in charges]
    assert len(references) == len(set(references))


def test_leaving_and_paying_at_the_counter_instead(system: System, citizen: Citizen) -> None:
    reach_checkout(citizen)
    citizen.press("pay-card")
    citizen.press("sandbox-abandon")
    unfinished = wait_for(system, citizen.email, "nicht abgeschlossen", timeout_s=90)[0]
    citizen.page.context.clear_cookies()  # the mail is read in another browser
    citizen.open(next(link for link in links_of(unfinished) if link.endswith("/zahlung")))
    citizen.page.get_by_role("link", name="Zurück, ohne zu bezahlen").click()
    citizen.find("payment-open").wait_for()
    citizen.press("payment-counter")
    number = citizen.number()
    confirmation = wait_for(system, citizen.email, CONFIRMATION)[0]
    assert number in text_of(confirmation)


def test_a_document_bought_online(system: System, citizen: Citizen) -> None:
    """The portal uses the payment API alone, and believes the signed webhook."""
    citizen.open(system.url("portal"))
    citizen.press("online-service")
    citizen.press("order-submit")
    citizen.press("pay-card")
    citizen.press("sandbox-pay")
    wait_until(lambda: _delivered(citizen), 20)
    with citizen.page.expect_download() as download:
        citizen.find("order-document").click()
    content = download.value.path().read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"MUSTER" in content


def _delivered(citizen: Citizen) -> bool:
    if citizen.find("order-document").count():
        return True
    citizen.page.wait_for_timeout(500)
    return False
