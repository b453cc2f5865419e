"""Finding a service and a time."""

from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.pages.steps import TOWN
from tests.booking.pages.walk import Walker


async def test_from_home_by_a_mistyped_word_to_the_service(walker: Walker) -> None:
    home = await walker.open(f"{TOWN}/")
    assert "Ausweis und Reisen" in home.text
    assert "Vorführung – keine echten Zahlungen" in home.text
    results = await walker.press("service-search", q="personalauswies")
    assert sample.PERSO in results.text
    service = await walker.press("service-result")
    assert (service.status, "15 Minuten" in service.text, "46,00 €" in service.text) == (200, True, True)


async def test_an_address_without_a_service_leads_to_where_one_is_chosen(walker: Walker) -> None:
    home = await walker.open(f"{TOWN}/termin")
    assert (home.status, home.path) == (200, f"{TOWN}/")


async def test_an_empty_search_lists_everything(walker: Walker) -> None:
    await walker.open(f"{TOWN}/")
    results = await walker.press("service-search", q="")
    assert len(results.all("service-result")) == 5
    assert "5 Leistungen" in results.text


async def test_results_say_how_each_is_offered(walker: Walker) -> None:
    text = (await walker.open(f"{TOWN}/suche")).text
    for words in ("mit Termin", "online", "Zuschlag", "Gebühr auf Anfrage", "46,00 €"):
        assert words in text


async def test_by_letter_and_by_life_situation(walker: Walker) -> None:
    assert len((await walker.open(f"{TOWN}/suche?letter=R")).all("service-result")) == 1
    assert len((await walker.open(f"{TOWN}/suche?life_situation=Ausweis+und+Reisen")).all("service-result")) == 5
    assert len((await walker.open(f"{TOWN}/suche?life_situation=Nirgends")).all("service-result")) == 0


async def test_letters_without_a_service_are_there_and_lead_nowhere(walker: Walker) -> None:
    home = await walker.open(f"{TOWN}/")
    letters = [link for link in home.links() if "letter=" in link]
    assert [link[-1] for link in letters] == [*"AEFPR"]
    assert ' aria-hidden="true">Z</span>' in home.html


async def test_offices_and_functions_stand_beside_the_services(walker: Walker) -> None:
    page = await walker.open(f"{TOWN}/suche?q=standesamt")
    assert page.all("places")
    assert "Standesamt Markt 1, 52499 Muster" in page.text
    assert "Registrar" not in page.text, "names are not published"
    function = await walker.open(f"{TOWN}/suche?q=trauungen")
    assert "Trauungen Standesamt Rathaus, Markt 1, 52499 Muster" in function.text
    assert not (await walker.open(f"{TOWN}/suche?letter=P")).all("places")


async def test_markup_in_a_query_stays_text(walker: Walker) -> None:
    page = await walker.open(f"{TOWN}/suche?q=<b>x</b>%22%3E")
    assert "<b>x</b>" not in page.html


async def test_an_online_service_offers_no_appointment(walker: Walker) -> None:
    page = await walker.open(f"{TOWN}/leistungen/{sample.service_id(sample.MAP)}")
    assert "Ein Besuch ist nicht nötig" in page.text
    assert page.all("book") == []


async def test_days_say_in_words_how_much_is_free(walker: Walker) -> None:
    await walker.open(f"{TOWN}/leistungen/{sample.service_id(sample.PERSO)}")
    days = await walker.press("book")
    assert "Frühester Termin: Mo., 23.11.2026" in days.text
    assert "Dienstag, 24. November 2026" in days.text
    assert "16 freie Zeiten" in days.text
    times = await walker.press("day", 1)
    assert "Freie Zeiten am Dienstag, 24. November 2026" in times.text
    assert len(times.all("time")) == 16


async def test_a_portals_deep_link_works_by_leika(walker: Walker) -> None:
    page = await walker.open(f"{TOWN}/termin?service=99085001000000&quantity=2")
    assert sample.PASS in page.text
    assert page.all("day")


async def test_a_deep_link_leads_back_to_known_portals_only(walker: Walker) -> None:
    link = f"{TOWN}/termin?service={sample.service_id(sample.MARRIAGE)}&return_url="
    for url in (
        "https://evil.example/",
        "javascript:alert(1)",
        "//evil.example",
        "http://testserver.local.evil.example",
    ):
        assert (await walker.open(link + url)).status == 400
    assert (await walker.open(f"{link}http://testserver.local/portal")).status == 200
    await walker.press("day", 1)
    for step in ("time", "contact-submit", "check-submit"):
        await walker.press(step)
    assert walker.page.all("return")[0].attributes["href"] == "http://testserver.local/portal"


async def test_later_days_follow_until_the_window_ends(walker: Walker) -> None:
    page = await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}")
    seen = 0
    while page.all("more-days"):
        page = await walker.press("more-days")
        seen += 1
        assert seen < 20
    assert seen >= 2


async def test_what_does_not_exist_is_told_in_words(walker: Walker) -> None:
    for path in ("/nirgendwo/", f"{TOWN}/leistungen/x", f"{TOWN}/gibtsnicht", f"{TOWN}/termin?service=99"):
        page = await walker.open(path)
        assert page.status == 404
        assert "Diese Seite gibt es nicht" in page.text


async def test_nonsense_in_an_address_is_no_fault_of_ours(walker: Walker) -> None:
    service = sample.service_id(sample.PERSO)
    for query in ("quantity=99", "quantity=x", "quantity=²", "location=x", "from=2026-02-30"):
        assert (await walker.open(f"{TOWN}/termin?service={service}&{query}")).status in (200, 400)
    for day in ("", "gestern", "2020-01-01", "9999-12-31"):
        assert (await walker.open(f"{TOWN}/termin/tag?service={service}&day={day}")).status in (200, 400)


async def test_english(walker: Walker, clock: SetClock) -> None:
    page = await walker.open(f"{TOWN}/?lang=en")
    assert '<html lang="en">' in page.html
    page = await walker.open(f"{TOWN}/termin?service={sample.service_id(sample.PERSO)}")
    assert "Earliest appointment: Mon, 23 Nov 2026" in page.text, "the language is kept"


async def test_legal_pages_have_the_tenants_own_data(walker: Walker) -> None:
    for path, german, english in (
        ("impressum", "vertreten durch die Bürgermeisterin", "represented by die Bürgermeisterin"),
        ("datenschutz", "7 Tage nach dem Termin", "7 days after the appointment"),
        ("datenschutz", "nicht, wofür Sie bezahlen", "nor what you pay for"),  # as the checkout says
        ("barrierefreiheit", "Ombudsstelle", "Ombudsperson"),
        ("leichte-sprache", "Uhr-Zeit", "in plain language"),
        ("leichte-sprache", "etwas von der Stadt", "something from Stadt"),
    ):
        for language, words in (("de", german), ("en", english)):
            page = await walker.open(f"{TOWN}/{path}?lang={language}")
            assert page.status == 200
            assert words in page.text
            assert "{" not in page.text
