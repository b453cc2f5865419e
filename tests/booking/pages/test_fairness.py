"""Being refused for fairness, being asked for a challenge, and being forgotten, as people meet it on the pages."""

from typing import Any

import msgspec
from tests.booking import sample
from tests.booking.pages.walk import Page, Walker
from tests.booking.sample import TENANT

from booking.domain.fairness import NO_CAPS
from kit.sql import Pool


async def set_fairness(pool: Pool, **values: Any) -> None:
    strict = sample.profile(fairness=msgspec.structs.replace(NO_CAPS, **values))
    await pool.execute("UPDATE tenant SET profile = $1", msgspec.to_builtins(strict))


async def reserve(walker: Walker) -> Page:
    await walker.open(f"/{TENANT}/suche?q=perso")
    for testid in ("service-result", "book", "day"):
        await walker.press(testid)
    return await walker.press("time")


async def test_too_many_reservations_are_refused_in_words(walker: Walker, booking_pool: Pool) -> None:
    await set_fairness(booking_pool, holds_per_client=2)
    for _ in range(2):
        assert (await reserve(walker)).status == 200
        walker.client.cookies.clear()  # another browser on the same line: a browser exchanges its own
    refused = await reserve(walker)
    assert (refused.status, "mehrere Zeiten reserviert" in refused.text) == (429, True)


async def test_too_many_bookings_are_refused_in_words(walker: Walker, booking_pool: Pool) -> None:
    await set_fairness(booking_pool, bookings_per_person=1)
    for status in (200, 429):
        await reserve(walker)
        await walker.press("contact-submit", payment="counter")
        page = await walker.press("check-submit")
        assert page.status == status
    assert "mehrere Termine gebucht" in page.text


async def test_scripts_run_only_where_a_challenge_stands(walker: Walker, booking_pool: Pool) -> None:
    plain = await walker.client.get(f"/{TENANT}", headers={"Accept": "text/html"})
    assert "script" not in plain.headers["content-security-policy"]
    assert "script" not in plain.text


async def test_a_challenge_stands_before_each_way_to_a_time(walker: Walker, booking_pool: Pool) -> None:
    await set_fairness(booking_pool, challenge=["hold"])
    page = await walker.open(f"/{TENANT}/termin?service={sample.service_id(sample.PERSO)}")
    widgets = [element for element in page.elements if element.tag == "altcha-widget"]
    assert [widget.form and widget.form.action for widget in widgets] == [f"/{TENANT}/termin/reservierung"]
    page = await walker.press("day")
    assert len([element for element in page.elements if element.tag == "altcha-widget"]) == 1


async def test_a_challenge_stands_before_the_binding_step(walker: Walker, booking_pool: Pool) -> None:
    await set_fairness(booking_pool, challenge=["confirm"])
    await reserve(walker)
    page = await walker.press("contact-submit", payment="counter")
    (widget,) = [element for element in page.elements if element.tag == "altcha-widget"]
    assert widget.attributes["challenge"] == f"/v1/tenants/{TENANT}/challenge?action=confirm"
    answer = await walker.client.get(page.url, headers={"Accept": "text/html"})
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'; worker-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy
    sources = [element.attributes["src"] for element in page.elements if element.tag == "script"]
    (script,) = [source for source in sources if "challenge.js" in source]
    for name in ("challenge.js", "altcha.js", "altcha-pbkdf2.js"):
        file = await walker.client.get(script.replace("challenge.js", name))
        assert (file.status_code, file.headers["content-type"].split(";")[0]) == (200, "text/javascript")


async def test_without_scripts_a_mail_takes_its_place(walker: Walker, booking_pool: Pool) -> None:
    await set_fairness(booking_pool, challenge=["confirm"])
    await reserve(walker)
    page = await walker.press("contact-submit", payment="counter")
    assert "Wir senden deshalb eine E-Mail an erika.mustermann@example.org" in page.text
    waiting = await walker.press("check-submit")
    assert waiting.status == 200
    assert await booking_pool.fetchval("SELECT state FROM appointment") == "awaiting_email"


async def test_who_has_neither_is_told_what_to_do(walker: Walker, booking_pool: Pool) -> None:
    await set_fairness(booking_pool, challenge=["confirm"])
    await reserve(walker)
    await walker.press("contact-submit", payment="counter", email="", phone="02452 130")
    refused = await walker.press("check-submit")
    assert (refused.status, "rufen Sie uns an" in refused.text, len(refused.all("unproved"))) == (400, True, 1)
    stale = await walker.press("check-submit", altcha="bm9uc2Vuc2U=")
    assert (stale.status, len(stale.all("unproved"))) == (400, 1)
    assert await booking_pool.fetchval("SELECT state FROM appointment") == "held"


async def test_erasing_says_what_it_means_and_acts_when_pressed(walker: Walker, booking_pool: Pool) -> None:
    await reserve(walker)
    await walker.press("contact-submit", payment="counter")
    await walker.press("check-submit")
    asked = await walker.press("manage-erase")
    assert "Ihr Termin wird dabei abgesagt" in asked.text
    assert await booking_pool.fetchval("SELECT count(*) FROM deletion_log") == 0  # looking deletes nothing
    for _ in range(2):  # pressed twice, it says the same
        walker.page = asked
        done = await walker.press("erase-submit")
        assert done.path == f"/{TENANT}/geloescht"
        assert "Ihre Angaben sind gelöscht" in done.text
        assert "Ihr Termin ist abgesagt" in done.text
    assert await booking_pool.fetchval("SELECT count(*) FROM contact") == 0
