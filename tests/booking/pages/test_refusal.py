"""The link "Ich kann nicht" of a clerk's mail, as the letter has it."""

from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from tests.booking.conftest import SetClock
from tests.booking.pages.steps import TOWN, book
from tests.booking.pages.walk import HTML, Walker
from tests.booking.sample import PERSO

from booking.settings import Settings
from booking.usecases.write_letter import Links, write_letter
from kit.log import redact
from kit.sql import Pool


async def link_of(pool: Pool, settings: Settings, clock: SetClock) -> str:
    appointment_id = await pool.fetchval("SELECT id FROM appointment ORDER BY created_at DESC LIMIT 1")
    links = Links(public_url=settings.public_url, key=settings.link_key)
    letter = await write_letter(pool, links, clock, appointment_id)
    (url,) = [clerk.refuse_url for clerk in letter.clerks]
    assert url
    return urlsplit(url).path


async def answers(pool: Pool) -> list[str]:
    return [row["answer"] for row in await pool.fetch("SELECT answer FROM reassign_task")]


async def test_looking_changes_nothing_and_pressing_says_no_once(
    walker: Walker, booking_pool: Pool, booking_settings: Settings, clock: SetClock
) -> None:
    await book(walker, PERSO)
    link = await link_of(booking_pool, booking_settings, clock)
    walker.client.cookies.clear()
    for _ in range(3):  # a scanner follows links
        page = await walker.open(link)
    assert await answers(booking_pool) == []
    assert "Mustermann" not in page.text
    assert link.rpartition("/")[2] not in page.html + page.path
    page = await walker.press("refuse")
    assert page.all("refused")
    await walker.client.post(page.path, headers=HTML)
    assert await answers(booking_pool) == ["link"]
    assert (await walker.open(link)).all("refuse") == []


async def test_who_kept_the_visit_may_say_no_again(
    walker: Walker, booking_pool: Pool, booking_settings: Settings, clock: SetClock
) -> None:
    await book(walker, PERSO)
    link = await link_of(booking_pool, booking_settings, clock)
    await walker.open(link)
    await walker.press("refuse")
    await booking_pool.execute("UPDATE reassign_task SET closed_at = now(), closed_by = 'staff:lea', outcome = 'kept'")
    await walker.open(link)
    page = await walker.press("refuse")
    assert page.all("refused")
    assert await booking_pool.fetchval("SELECT count(*) FROM reassign_task WHERE closed_at IS NULL") == 1


async def test_a_link_of_another_revision_says_that_nothing_is_to_do(
    walker: Walker, booking_pool: Pool, booking_settings: Settings, clock: SetClock
) -> None:
    await book(walker, PERSO)
    link = await link_of(booking_pool, booking_settings, clock)
    await booking_pool.execute("UPDATE assignment SET sequence = sequence + 1")
    page = await walker.open(link)
    assert "Sie müssen nichts tun" in page.text
    assert page.all("refuse") == []
    await walker.client.post(page.path, headers=HTML)
    assert await answers(booking_pool) == []
    page = await walker.open(await link_of(booking_pool, booking_settings, clock))
    clock.now += timedelta(days=7)
    await walker.press("refuse")
    assert await answers(booking_pool) == []


async def test_only_the_own_link_opens_the_page(
    walker: Walker, booking_pool: Pool, booking_settings: Settings, clock: SetClock
) -> None:
    await book(walker, PERSO)
    link = await link_of(booking_pool, booking_settings, clock)
    path = (await walker.open(link)).path
    walker.client.cookies.clear()
    for address in (path, f"{TOWN}/verhindert/nonsense", link[:-2], link.replace(TOWN, "/erkelenz")):
        page = await walker.open(address)
        assert page.status in (401, 404), address
        assert f"{TOWN}/termin-finden" not in list(page.links()), "that is the citizens' way"
    await walker.open(link)
    other = httpx.URL(path).copy_with(path=f"{TOWN}/verhindert/eintrag/00000000-0000-0000-0000-000000000001")
    assert (await walker.open(str(other))).status == 401


async def test_a_form_of_another_site_says_nothing(
    walker: Walker, booking_pool: Pool, booking_settings: Settings, clock: SetClock
) -> None:
    await book(walker, PERSO)
    path = (await walker.open(await link_of(booking_pool, booking_settings, clock))).path
    answer = await walker.client.post(path, headers=HTML | {"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert await answers(booking_pool) == []


@pytest.mark.parametrize(
    ("house", "browser", "words"),
    [
        ("de", "en-GB,en;q=0.9", "Ich kann diesen Termin nicht wahrnehmen"),
        ("en", "de-DE,de;q=0.9", "I cannot keep this appointment"),
    ],
)
async def test_it_is_in_the_language_of_clerks_mails_until_the_reader_chooses_another(
    walker: Walker,
    booking_pool: Pool,
    booking_settings: Settings,
    clock: SetClock,
    house: str,
    browser: str,
    words: str,
) -> None:
    await booking_pool.execute(
        "UPDATE tenant SET profile = profile || jsonb_build_object('clerk_language', $1::text)", house
    )
    await book(walker, PERSO)
    link = await link_of(booking_pool, booking_settings, clock)
    walker.client.headers["Accept-Language"] = browser
    page = await walker.open(link)
    assert (f'<html lang="{house}">' in page.html, words in page.text) == (True, True)
    assert f'<html lang="{house}">' in (await walker.open(link[:-2])).html, "what goes wrong is told in it, too"
    other = browser[:2]
    assert f'<html lang="{other}">' in (await walker.open(f"{TOWN}/")).html, "a citizen's page is in the browser's"
    assert f'<html lang="{other}">' in (await walker.open(f"{page.path}?lang={other}")).html
    page = await walker.press("refuse")
    assert f'<html lang="{other}">' in page.html, "the choice is kept"


def test_the_link_is_redacted_in_logs() -> None:
    assert "geheim" not in redact("GET /musterstadt/verhindert/geheim.abc")
