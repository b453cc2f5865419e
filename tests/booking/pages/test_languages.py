"""Who books reads in the language of the booking; the house keeps its own."""

import pytest
from tests.booking.pages.walk import Walker
from tests.booking.sample import PERSO, TENANT, service_id
from tests.booking.support.citizen import CONTACT, Citizen
from tests.booking.support.life import Life
from tests.booking.support.seed import seed_files

ENGLISH = "Apply for an identity card"
DOCUMENTS, DOCUMENTS_EN = ["alter Ausweis"], ["old identity card"]


@pytest.fixture
async def bilingual(life: Life) -> None:
    await life.pool.execute(
        "UPDATE service SET name_en = $2, documents = $3, documents_en = $4 WHERE id = $1",
        service_id(PERSO),
        ENGLISH,
        DOCUMENTS,
        DOCUMENTS_EN,
    )
    await life.pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1 WHERE slug = $1", TENANT)


@pytest.mark.usefixtures("bilingual")
async def test_a_letter_tells_both_names_since_its_readers_read_different_languages(citizen: Citizen) -> None:
    await citizen.hold()
    await citizen.post("confirmation", {"contact": CONTACT, "payment": "counter"})
    (item,) = (await citizen.letter()).items
    assert item.service == ENGLISH
    assert item.names == {"de": PERSO, "en": ENGLISH}
    assert item.documents == tuple(DOCUMENTS_EN)


@pytest.mark.usefixtures("bilingual")
async def test_the_checkout_is_in_the_citizen_s_language_and_the_treasury_s_purpose_in_german(
    citizen: Citizen, life: Life
) -> None:
    await citizen.hold()
    await citizen.post("confirmation", {"contact": CONTACT})
    await citizen.hold("2026-11-25T09:00:00+01:00")
    await citizen.post("confirmation", {"contact": CONTACT | {"email": "e@example.org", "language": "de"}})
    english, german = life.payment.created
    assert (english.language, english.description[:12], german.description[:7]) == ("en", "Appointment ", "Termin ")
    assert [(item.description, item.accounting) for item in english.items] == [(ENGLISH, {"purpose": PERSO})]
    assert [(item.description, item.accounting) for item in german.items] == [(PERSO, {})]


@pytest.mark.usefixtures("bilingual")
async def test_pages_say_what_to_bring_in_the_reader_s_language(walker: Walker) -> None:
    path = f"/{TENANT}/leistungen/{service_id(PERSO)}"
    english, german = await walker.open(f"{path}?lang=en"), await walker.open(f"{path}?lang=de")
    assert (DOCUMENTS_EN[0] in english.text, DOCUMENTS[0] in english.text) == (True, False)
    assert (DOCUMENTS_EN[0] in german.text, DOCUMENTS[0] in german.text) == (False, True)
    await walker.open(f"{path}?lang=en")
    for step in ("book", "day", "time", "contact-submit"):
        page = await walker.press(step)
    assert DOCUMENTS_EN[0] in page.text


@pytest.mark.usefixtures("bilingual")
async def test_the_api_tells_documents_in_both(citizen: Citizen) -> None:
    (item,) = (await citizen.hold())["items"]
    assert (item["documents"], item["documents_en"]) == (DOCUMENTS, DOCUMENTS_EN)
    listed = await citizen.client.get(f"/v1/tenants/{TENANT}/services", params={"q": "perso"})
    assert listed.json()["items"][0]["documents_en"] == DOCUMENTS_EN


def test_the_seed_has_english_for_all_that_is_to_bring() -> None:
    rows = seed_files().services
    assert all(len(row.documents_en) == len(row.documents) for row in rows)
    pairs = {pair for row in rows for pair in zip(row.documents, row.documents_en, strict=True)}
    assert len(pairs) == len({german for german, _ in pairs}), "each document has one name in English"


@pytest.mark.usefixtures("bilingual")
async def test_so_does_a_clerk_s_agenda(citizen: Citizen, life: Life) -> None:
    await citizen.hold()
    await citizen.post("confirmation", {"contact": CONTACT, "payment": "counter"})
    clerk = await life.pool.fetchval("SELECT clerk_id FROM assignment")
    span = {"since": "2026-11-25T00:00:00Z", "until": "2026-11-26T00:00:00Z"}
    headers = {"Authorization": "Bearer service-token-of-the-tests"}
    answer = await citizen.client.get(f"/internal/v1/clerks/{clerk}/agenda", params=span, headers=headers)
    assert [item["names"] for item in answer.json()["visits"][0]["items"]] == [{"de": PERSO, "en": ENGLISH}]
