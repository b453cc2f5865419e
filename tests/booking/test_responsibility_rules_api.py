"""The rules of responsibility over HTTP: read as they were written, refused by field, a lead's and an admin's alone."""

from typing import Any

import pytest
from tests.booking.conftest import SetClock
from tests.booking.sample import MARRIAGE, PERSO, TENANT, files
from tests.booking.support.masks import check_masks
from tests.booking.support.responsibility import A_K, L_Z, Client, ask, put_rules
from tests.booking.support.staff import staff

from booking.usecases.configure import configure
from kit.sql import Pool

pytestmark = pytest.mark.usefixtures("town")


async def test_rules_are_read_as_they_were_written(booking_client: Client) -> None:
    street = {"street": "Ringstraße", "from": "1", "to": "99a", "side": "odd"}
    written = A_K | {"priority": 5, "deputy": "Clerk 1", "streets": [street], "postcodes": ["52499"],
                     "municipalities": [{"name": "Muster", "ars": "053709999999"}]}  # fmt: skip
    put = await put_rules(booking_client, written, L_Z)
    assert (put.status_code, put.json()["warnings"]) == (200, [])
    got = await booking_client.get("/v1/staff/responsibility-rules", headers=staff("admin"))
    assert got.json() == put.json()
    first, second = got.json()["items"]
    assert {name: first[name] for name in written} == written
    assert second["name"] == "L–Z"
    again = await put_rules(booking_client, *got.json()["items"], version=got.json()["version"])
    assert again.json() == got.json(), "what was read can be written"
    stale = await put_rules(booking_client, version="another")
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"clerk": "Nobody"}, "items[1].clerk"),
        ({"clerk": None}, "items[1].clerk"),
        ({"unit": "Bürgerbüro"}, "items[1].clerk"),
        ({"clerk": None, "unit": "Nowhere"}, "items[1].unit"),
        ({"deputy": "Nobody"}, "items[1].deputy"),
        ({"deputy": "Clerk 1"}, "items[1].deputy"),
        ({"clerk": None, "unit": "Bürgerbüro", "deputy": "Clerk 1"}, "items[1].deputy"),
        ({"services": [PERSO, "Nothing"]}, "items[1].services[1]"),
        ({"surnames": [{"from": "K", "to": "A"}]}, "items[1].surnames[0].to"),
        ({"surnames": [{"from": "?"}]}, "items[1].surnames[0].from"),
        ({"streets": [{"street": "Markt", "from": "9", "to": "1"}]}, "items[1].streets[0].to"),
        ({"streets": [{"street": "!"}]}, "items[1].streets[0].street"),
        ({"streets": [{"street": "Markt", "from": "99999"}]}, "items[1].streets[0].from"),
        ({"streets": [{"street": "Markt", "side": "left"}]}, "items[1].streets[0].side"),
        ({"postcodes": ["5249"]}, "items[1].postcodes[0]"),
        ({"name": "A–K"}, "items[1].name"),
        ({"name": "L\u0000Z"}, "items[1].name"),
        ({"priority": -1}, "items[1].priority"),
        ({"priority": 10**20}, "items[1].priority"),
        ({"colour": "red"}, "items[1].colour"),
    ],
)
async def test_a_wrong_rule_names_the_field_and_changes_nothing(
    booking_client: Client, change: dict[str, Any], field: str
) -> None:
    await put_rules(booking_client, A_K)
    answer = await put_rules(booking_client, A_K, L_Z | change)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
    now = await booking_client.get("/v1/staff/responsibility-rules", headers=staff("lead"))
    assert [item["name"] for item in now.json()["items"]] == ["A–K"]


async def test_overlaps_and_rules_that_never_apply_are_told(booking_client: Client) -> None:
    overlap = {"name": "K–M", "services": [PERSO], "surnames": [{"from": "K", "to": "M"}], "clerk": "Clerk 2"}
    useless = {"name": "Trauungen", "services": [MARRIAGE], "clerk": "Clerk 0"}
    warnings = (await put_rules(booking_client, A_K, overlap, useless)).json()["warnings"]
    assert warnings == [
        "“A–K” and “K–M” have the same priority and can fit the same person: “A–K” decides",
        "“Trauungen” never applies: whom it names serves none of its services",
    ]
    assert (await put_rules(booking_client, A_K, overlap | {"priority": 1})).json()["warnings"] == []
    assert (await ask(booking_client, surname="Kohl"))["clerk"] == "Clerk 2"


async def test_rules_of_the_house_are_its_leads_and_admins(
    booking_client: Client, booking_pool: Pool, clock: SetClock
) -> None:
    await configure(booking_pool, files(slug="andernorts"), clock)
    await put_rules(booking_client, A_K)
    for method in (booking_client.get, booking_client.put):
        body = {"json": {"items": []}} if method == booking_client.put else {}
        assert (await method("/v1/staff/responsibility-rules", **body)).status_code == 401
        assert (await method("/v1/staff/responsibility-rules", headers=staff("clerk"), **body)).status_code == 403
    elsewhere = staff("lead", tenant="andernorts")
    assert (await booking_client.get("/v1/staff/responsibility-rules", headers=elsewhere)).json()["items"] == []
    await booking_client.put("/v1/staff/responsibility-rules", json={"items": []}, headers=elsewhere)
    assert (await ask(booking_client))["asks"] == ["surname"], "another tenant's rules are untouched"
    assert await check_masks(booking_pool, TENANT, clock()) == []


async def test_a_long_list_of_streets_is_taken(booking_client: Client) -> None:
    streets = [{"street": f"Straße Nummer {number} im langen Ortsteil", "side": "odd"} for number in range(1500)]
    answer = await put_rules(booking_client, A_K | {"surnames": [], "streets": streets})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["items"][0]["streets"]) == 1500
