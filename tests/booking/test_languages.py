"""Who books reads in the language of the booking; the house keeps its own."""

import pytest
from tests.booking.sample import PERSO, TENANT, service_id
from tests.booking.support.citizen import CONTACT, Citizen
from tests.booking.support.life import Life

ENGLISH = "Apply for an identity card"


@pytest.fixture
async def bilingual(life: Life) -> None:
    await life.pool.execute("UPDATE service SET name_en = $2 WHERE id = $1", service_id(PERSO), ENGLISH)
    await life.pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1 WHERE slug = $1", TENANT)


@pytest.mark.usefixtures("bilingual")
async def test_a_letter_tells_both_names_since_its_readers_read_different_languages(citizen: Citizen) -> None:
    await citizen.hold()
    await citizen.post("confirmation", {"contact": CONTACT, "payment": "counter"})
    (item,) = (await citizen.letter()).items
    assert item.service == ENGLISH
    assert item.names == {"de": PERSO, "en": ENGLISH}


@pytest.mark.usefixtures("bilingual")
async def test_so_does_a_clerk_s_agenda(citizen: Citizen, life: Life) -> None:
    await citizen.hold()
    await citizen.post("confirmation", {"contact": CONTACT, "payment": "counter"})
    clerk = await life.pool.fetchval("SELECT clerk_id FROM assignment")
    span = {"since": "2026-11-25T00:00:00Z", "until": "2026-11-26T00:00:00Z"}
    headers = {"Authorization": "Bearer service-token-of-the-tests"}
    answer = await citizen.client.get(f"/internal/v1/clerks/{clerk}/agenda", params=span, headers=headers)
    assert [item["names"] for item in answer.json()["visits"][0]["items"]] == [{"de": PERSO, "en": ENGLISH}]
