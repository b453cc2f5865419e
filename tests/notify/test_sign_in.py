"""One sign-on for the pages: who gets where, what the browser is told to keep, and that nothing typed is lost."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from http.cookies import SimpleCookie
from typing import Any

import msgspec
import pytest
from litestar.testing import AsyncTestClient
from tests.notify.conftest import KEY, Notify
from tests.notify.letters import NOW
from tests.notify.peers import TOKEN
from tests.notify.signing import OWN_FORM, SIGN_IN, sign_in
from tests.notify.templates.asking import OWN
from tests.support.database import Database

from kit.tokens import StaffClaims, sign
from notify.app import build
from notify.settings import Settings

STAFF_KEY = "staff-key-of-the-sign-in-tests"
Client = AsyncTestClient[Any]
HOME, OPERATIONS, WORDS = "/verwaltung", "/verwaltung/versand", "/verwaltung/vorlagen"
MAIL = f"{WORDS}?kind=lapsed&language=en"


def token(*roles: str, hours: float = 1, key: str = STAFF_KEY) -> str:
    claims = StaffClaims(subject="oda", tenant="heinsberg", roles=roles, expires_at=NOW + timedelta(hours=hours))
    return sign(key, "staff", claims)


@pytest.fixture
async def browser(notify: Notify, notify_database: Database) -> AsyncIterator[Client]:
    async with AsyncTestClient(build(_settings(notify_database), notify.clock)) as client:
        client.headers.update(OWN_FORM | {"Accept": "text/html"})
        yield client


def _settings(database: Database, **changes: Any) -> Settings:
    plain = Settings(database_url=database.url, link_key=KEY, staff_key=STAFF_KEY, service_token=TOKEN)
    return msgspec.structs.replace(plain, **changes)


def hidden(html: str) -> dict[str, str]:
    """Fields that a form carries along."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html)
    return {name: unescape(value) for name, value in found}


@pytest.mark.parametrize("path", [OPERATIONS, WORDS])
async def test_every_page_asks_who_it_is_and_nothing_more(browser: Client, path: str) -> None:
    page = await browser.get(f"{path}?token={token('operator', 'admin')}")
    assert page.status_code == 401
    assert 'type="password"' in page.text
    assert "iframe" not in page.text
    assert "script-src" not in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("value", "status", "word"),
    [
        ("", 401, "abgelaufen"),
        ("x", 401, "abgelaufen"),
        ("ü.ü", 401, "abgelaufen"),
        (token("admin", hours=-1), 401, "abgelaufen"),
        (token("admin", key="another-key-than-ours"), 401, "abgelaufen"),
        (token("clerk", "lead"), 403, "fehlt die Rolle"),
    ],
)
async def test_a_token_that_does_not_fit_begins_nothing(browser: Client, value: str, status: int, word: str) -> None:
    refused = await sign_in(browser, value)
    assert (refused.status_code, "set-cookie" in refused.headers) == (status, False)
    assert word in refused.text.partition('id="token-error"')[2]


@pytest.mark.parametrize(
    ("roles", "first", "shown"),
    [
        (("operator",), OPERATIONS, [OPERATIONS]),
        (("admin",), WORDS, [WORDS]),
        (("admin", "operator"), OPERATIONS, [OPERATIONS, WORDS]),
    ],
)
async def test_the_role_decides_what_one_may_open(
    browser: Client, roles: tuple[str, ...], first: str, shown: list[str]
) -> None:
    answer = await sign_in(browser, token(*roles))
    assert (answer.status_code, answer.headers["location"]) == (303, HOME)
    page = await browser.get(HOME)
    assert (page.status_code, page.url.path) == (200, first)
    for path in (OPERATIONS, WORDS):
        page = await browser.get(path)
        assert page.status_code == (200 if path in shown else 403)
        navigation = page.text.partition('<nav class="shell-navigation"')[2].partition("</nav>")[0]
        assert re.findall(r'<a href="([^"]+)"', navigation) == shown
        assert navigation.count('aria-current="page"') == (path in shown)
        assert "oda" in navigation
        assert ("Diese Seite dürfen Sie nicht öffnen" in page.text) == (path not in shown)


async def test_the_way_leads_back_to_the_page_that_was_asked_for(browser: Client) -> None:
    to = hidden((await browser.get(MAIL)).text)["to"]
    assert (await sign_in(browser, token("admin"), to=to)).headers["location"] == MAIL


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/verwaltung", "/v1/operations", ""])
async def test_the_way_leads_nowhere_else(browser: Client, to: str) -> None:
    assert (await sign_in(browser, token("admin"), to=to)).headers["location"] == HOME


@pytest.mark.parametrize(("hours", "age_s"), [(1, 3600), (24 * 30, 36_000)])
async def test_the_cookie_lives_no_longer_than_the_token_nor_than_a_working_day(
    browser: Client, notify: Notify, hours: int, age_s: int
) -> None:
    answer = await sign_in(browser, token("admin", hours=hours))
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert (cookie["max-age"], cookie["path"], cookie["samesite"].lower()) == (str(age_s), HOME, "strict")
    assert (cookie["httponly"], cookie["secure"]) == (True, "")
    browser.headers["Cookie"] = f"{cookie.key}={cookie.value}"  # a browser that keeps it for ever
    notify.clock.pass_by(seconds=age_s - 1)
    assert (await browser.get(WORDS)).status_code == 200
    notify.clock.pass_by(seconds=1)
    assert (await browser.get(WORDS)).status_code == 401


async def test_by_https_the_cookie_goes_by_https_alone(notify: Notify, notify_database: Database) -> None:
    settings = _settings(notify_database, public_url="https://notify.example")
    async with AsyncTestClient(build(settings, notify.clock)) as client:
        client.headers.update(OWN_FORM)
        assert "; Secure" in (await sign_in(client, token("admin"))).headers["set-cookie"]


async def test_the_cookie_is_no_token(browser: Client) -> None:
    answer = await sign_in(browser, token("operator", "admin"))
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    for path in ("/v1/operations", "/v1/staff/templates"):
        assert (await browser.get(path)).status_code == 401
        assert (await browser.get(path, headers={"Authorization": f"Bearer {cookie.value}"})).status_code == 401
    assert token("operator", "admin") not in (await browser.get(OPERATIONS)).text


async def test_the_cookie_is_small_enough_for_a_browser_however_many_roles_there_are(browser: Client) -> None:
    answer = await sign_in(browser, token("admin", *(f"role-of-another-service-{number}" for number in range(100))))
    assert len(answer.headers["set-cookie"]) < 1000
    assert (await browser.get(WORDS)).status_code == 200


async def test_a_form_that_is_none_is_refused(browser: Client) -> None:
    for data in ({"token": ["x", "y"]}, {"x" * 50: "y"}, {"token": "\0"}):
        assert (await browser.post(SIGN_IN, data=data)).status_code in (400, 401)


async def test_a_token_is_no_cookie(browser: Client) -> None:
    page = await browser.get(WORDS, headers={"Cookie": f"schalter_staff={token('admin')}"})
    assert page.status_code == 401


async def test_signing_out_ends_it(browser: Client) -> None:
    await sign_in(browser, token("operator"))
    page = await browser.post("/verwaltung/abmelden")
    assert page.url.path == SIGN_IN
    assert "oda" not in page.text
    assert (await browser.get(OPERATIONS)).status_code == 401


async def test_a_proxy_needs_no_form(browser: Client) -> None:
    page = await browser.get(OPERATIONS, headers={"Authorization": f"Bearer {token('operator')}"})
    assert page.status_code == 200
    assert "oda" in page.text
    assert "abmelden" not in page.text.replace('action="/verwaltung/abmelden"', "")
    assert 'data-testid="sign-out"' not in page.text, "we cannot end what the proxy began"


FORMS = ["/versand/fortsetzung", "/vorlagen", "/anmelden", "/abmelden"]


@pytest.mark.parametrize(
    ("headers", "is_taken"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "http://testserver.local"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver.local"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
async def test_a_form_must_prove_that_it_is_our_own(
    browser: Client, headers: dict[str, str], *, is_taken: bool
) -> None:
    """Whoever signed in, by cookie or by a proxy that lets any form through."""
    del browser.headers["Sec-Fetch-Site"]
    browser.headers["Authorization"] = f"Bearer {token('operator', 'admin')}"
    for path in FORMS:
        answer = await browser.post(HOME + path, data=OWN | {"action": "try"}, headers=headers, follow_redirects=False)
        assert (answer.status_code != 403) == is_taken, path


async def test_our_own_forms_can_prove_it(browser: Client) -> None:
    """With `no-referrer`, as on the citizens' pages, browsers without `Sec-Fetch-Site` would send `Origin: null`."""
    for page in (await browser.get(SIGN_IN), await browser.get(WORDS), await sign_in(browser, "x")):
        assert page.headers["referrer-policy"] == "same-origin"


async def test_what_was_typed_outlives_the_sign_in(browser: Client, notify: Notify) -> None:
    await sign_in(browser, token("admin"))
    typed = {"subject": 'Zu "spät"', "body": "Moin {{name}},\n\n<b>schade</b>:\n{{startt}}", "version": "0"}
    notify.clock.pass_by(hours=1)
    asked = await browser.post(MAIL, data=typed | {"action": "save"})
    assert asked.status_code == 401
    assert "ist noch da" in asked.text
    assert "<b>" not in asked.text
    for _ in range(2):  # the first token does not fit either
        kept = hidden(asked.text)
        assert kept == {"to": MAIL, "action": "try"} | typed
        asked = await browser.post(SIGN_IN, data=kept | {"token": token("clerk", hours=9)}, follow_redirects=True)
    again = await browser.post(SIGN_IN, data=kept | {"token": token("admin", hours=9)}, follow_redirects=True)
    assert (again.request.method, str(again.url.raw_path, "ascii")) == ("POST", MAIL)
    assert "&lt;b&gt;schade&lt;/b&gt;:\n{{startt}}</textarea>" in again.text.replace("\r\n", "\n")
    assert 'value="Zu &#34;spät&#34;"' in again.text
    assert "Es gelten die Worte des Hauses." in again.text, "it is shown, and not saved unasked"


async def test_a_push_without_a_sign_in_does_nothing_and_says_so(browser: Client, notify: Notify) -> None:
    await notify.pool.execute("INSERT INTO relay_pause VALUES ('', 'slow_down', 1, 'infinity', now())")
    answer = await browser.post(f"{OPERATIONS}/fortsetzung")
    assert answer.status_code == 401
    assert "Es wurde nichts ausgeführt" in answer.text
    assert await notify.pool.fetchval("SELECT count(*) FROM relay_pause") == 1


async def test_the_pages_speak_english(browser: Client) -> None:
    assert "Access key" in (await browser.get(f"{SIGN_IN}?lang=en")).text
    await sign_in(browser, token("operator"))
    assert "You may not open this page" in (await browser.get(f"{WORDS}?lang=en")).text
