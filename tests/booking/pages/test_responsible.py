"""Asked for the responsible clerk on the way to a time: only where rules need it, and nothing of it in an address."""

from collections.abc import Sequence

import msgspec
import pytest
from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.pages.steps import TOWN
from tests.booking.pages.walk import Walker

from booking.domain.catalogue_files import Files
from booking.domain.responsibility_entries import RuleEntry
from booking.usecases.change_responsibility import change_responsibility
from kit.sql import Pool

SERVICE = f"{TOWN}/leistungen/{sample.service_id(sample.PERSO)}"
GANGELT = {"name": "Gangelt", "ars": "053700008008"}


def rule(name: str, clerk: str, **conditions: object) -> RuleEntry:
    return msgspec.convert({"name": name, "clerk": clerk, "services": [sample.PERSO]} | conditions, RuleEntry)


async def save(pool: Pool, rules: Sequence[RuleEntry]) -> None:
    await change_responsibility(pool, sample.TENANT, rules, None)


@pytest.fixture
async def by_surname(town: Files, booking_pool: Pool) -> None:
    await save(
        booking_pool,
        [
            rule("A–K", "Clerk 0", surnames=[{"from": "A", "to": "K"}], deputy="Clerk 1"),
            rule("L–Z", "Clerk 1", surnames=[{"from": "L", "to": "Z"}]),
        ],
    )


@pytest.mark.usefixtures("by_surname")
async def test_from_the_service_by_one_question_to_the_responsible_clerk(walker: Walker) -> None:
    await walker.open(SERVICE)
    asked = await walker.press("book")
    assert "Wer ist für Sie zuständig?" in asked.text
    assert asked.all("day") == []
    days = await walker.press("responsible-submit", surname="von der Heide")
    assert "Zuständig: Clerk 0 – warum?" in days.text
    assert "Bürgerbüro, Regel „A–K“" in days.text
    assert "Nachname: A–K" in days.text
    assert "In Abwesenheit vertritt Clerk 1." in days.text
    times = await walker.press("day", 1)
    assert len(times.all("time")) == 16
    contact = await walker.press("time")
    assert contact.path.endswith("/kontakt")
    await walker.press("contact-submit", payment="counter")
    booked = await walker.press("check-submit")
    assert "Clerk 0" in booked.text


@pytest.mark.usefixtures("by_surname")
async def test_no_address_holds_what_was_said(walker: Walker) -> None:
    await walker.open(SERVICE)
    await walker.press("book")
    seen = [walker.page.url]
    for step in ("responsible-submit", "day", "time"):
        await walker.press(step, **({"surname": "Plantenberg"} if step == "responsible-submit" else {}))
        seen += [walker.page.url, *walker.page.links(), walker.page.html]
    assert not any("plantenberg" in part.lower() for part in seen)


async def test_a_service_without_rules_asks_nothing(walker: Walker, by_surname: None) -> None:
    await walker.open(f"{TOWN}/leistungen/{sample.service_id(sample.PASS)}")
    days = await walker.press("book")
    assert days.all("day")
    assert "Zuständig:" not in days.text


@pytest.mark.usefixtures("by_surname")
async def test_nothing_said_and_nothing_readable_is_told_in_words(walker: Walker) -> None:
    await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}")
    page = await walker.press("responsible-submit", surname=" ")
    assert (page.status, "Geben Sie Ihren Nachnamen an." in page.text) == (400, True)
    page = await walker.press("responsible-submit", surname="Иванов")
    assert (page.status, "in lateinischer Schrift" in page.text) == (400, True)
    assert 'value="Иванов"' in page.html, "what was typed is not lost"
    page = await walker.press("responsible-submit", surname="Ivanov")
    assert page.all("day")


async def test_one_question_after_the_other_and_only_if_needed(walker: Walker, town: Files, booking_pool: Pool) -> None:
    surnames = [{"from": "A", "to": "M"}]
    await save(booking_pool, [rule("Gangelt", "Clerk 0", municipalities=[GANGELT], surnames=surnames)])
    link = f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}&quantity=2"
    first = await walker.open(link)
    assert ('name="municipality"' in first.html, 'name="surname"' in first.html) == (True, False)
    days = await walker.press("responsible-submit", municipality="elsewhere")
    assert "Für Ihre Angaben gilt keine besondere Regel." in days.text
    assert "quantity=2" in days.url
    await walker.open(link)
    second = await walker.press("responsible-submit", municipality=GANGELT["ars"])
    assert (second.status, 'id="surname"' in second.html, 'id="municipality"' in second.html) == (200, True, False)
    days = await walker.press("responsible-submit", surname="Claessen")
    assert "Zuständig: Clerk 0" in days.text
    assert "Wohnort: Gangelt" in days.text


async def test_an_address_on_a_divided_street(walker: Walker, town: Files, booking_pool: Pool) -> None:
    odd, even = ([{"street": "Ringstraße", "side": side}] for side in ("odd", "even"))
    await save(booking_pool, [rule("Nord", "Clerk 0", streets=odd), rule("Süd", "Clerk 1", streets=even)])
    link = f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}"
    first = await walker.open(link)
    assert 'id="street"' in first.html
    assert 'id="house_number"' in first.html
    missing = await walker.press("responsible-submit", street="Ringstr.", house_number="")
    assert (missing.status, "Geben Sie Ihre Hausnummer an." in missing.text) == (400, True)
    days = await walker.press("responsible-submit", house_number="7a")
    assert "Zuständig: Clerk 0" in days.text
    await walker.open(link)
    days = await walker.press("responsible-submit", street="Feldweg", house_number="")
    assert "keine besondere Regel" in days.text


@pytest.mark.usefixtures("by_surname")
async def test_a_token_of_old_rules_or_none_leads_back_to_the_question(walker: Walker, booking_pool: Pool) -> None:
    link = f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}"
    await walker.open(link)
    await walker.press("responsible-submit", surname="Claessen")
    await walker.press("day", 1)
    await save(booking_pool, [rule("A–Z", "Clerk 2", surnames=[{"from": "A", "to": "M"}])])
    page = await walker.press("time")
    assert "Wer ist für Sie zuständig?" in page.text
    for wrong in ("made.up", "", "%00"):
        page = await walker.open(f"{link}&responsibility={wrong}")
        assert (page.status, "Wer ist für Sie zuständig?" in page.text) == (200, True)
    page = await walker.open(link.replace("/termin?", "/termin/tag?") + "&day=2026-11-24")
    assert "Wer ist für Sie zuständig?" in page.text


@pytest.mark.usefixtures("by_surname")
async def test_in_english(walker: Walker, clock: SetClock) -> None:
    await walker.open(f"{TOWN}/?lang=en")
    await walker.open(SERVICE)
    page = await walker.press("book")
    assert "Who is responsible for you?" in page.text
    days = await walker.press("responsible-submit", surname="Claessen")
    assert "Responsible: Clerk 0 – why?" in days.text
    assert "Clerk 1 stands in during absences." in days.text


@pytest.mark.usefixtures("by_surname")
async def test_nonsense_in_the_form_is_no_fault_of_ours(walker: Walker) -> None:
    await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}")
    for fields in ({"municipality": ""}, {"municipality": "\0"}, {"surname": "x" * 5000}, {"house_number": "\0"}):
        page = await walker.press("responsible-submit", **fields)
        assert page.status in (200, 400)
        await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}")
