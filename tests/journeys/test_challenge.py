"""The town with a challenge: a browser solves it unseen under the real CSP; without scripts a mail takes its place."""

from playwright.sync_api import Browser, Page
from tests.support.booker import new_address
from tests.support.mails import links_of, wait_for
from tests.support.system import System

TOWN = "wassenberg"


def reach_the_binding_step(page: Page, system: System, email: str) -> None:
    page.goto(f"{system.url('booking')}/{TOWN}/suche?q=meldebescheinigung")
    for testid in ("service-result", "book", "day", "time"):
        page.get_by_test_id(testid).first.click()
    page.locator("[name=email]").fill(email)
    if page.locator("[name=payment][value=counter]").count():
        page.locator("[name=payment][value=counter]").check()
    page.get_by_test_id("contact-submit").click()


def test_the_browser_solves_it_and_books(system: System, browser: Browser) -> None:
    context = browser.new_context(locale="de")
    page, said, foreign = context.new_page(), [], []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: foreign.append(request.url) if not request.url.startswith(base) else None)
    base = system.url("booking")
    reach_the_binding_step(page, system, new_address("mensch"))
    page.get_by_test_id("check-submit").click()
    page.get_by_test_id("confirmation-number").wait_for(timeout=20_000)
    assert (said, foreign) == ([], [])  # nothing is blocked, and nothing comes from elsewhere
    context.close()


def test_a_challenge_that_cannot_be_had_stands_in_nobodys_way(system: System, browser: Browser) -> None:
    context, email = browser.new_context(locale="de"), new_address("pech")
    page = context.new_page()
    page.route("**/challenge?*", lambda route: route.abort())
    reach_the_binding_step(page, system, email)
    page.get_by_test_id("check-submit").click()
    assert wait_for(system, email, "bestätigen")
    context.close()


def test_without_scripts_the_mails_link_books(system: System, browser: Browser) -> None:
    context, email = browser.new_context(locale="de", java_script_enabled=False), new_address("ohne-skripte")
    page = context.new_page()
    reach_the_binding_step(page, system, email)
    assert email in page.locator("noscript").inner_text()
    page.get_by_test_id("check-submit").click()
    mail = wait_for(system, email, "bestätigen")[0]
    page.goto(next(link for link in links_of(mail) if "/aktivierung/" in link))
    page.get_by_test_id("activate").click()
    page.get_by_test_id("confirmation-number").wait_for(timeout=20_000)
    context.close()
