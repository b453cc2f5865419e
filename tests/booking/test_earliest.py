"""The earliest time of each place: over a town's halls, and over the towns of a county."""

from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.conftest import SetClock
from tests.booking.sample import MAP, MARRIAGE, PASS, PERSO, TENANT, service_id
from tests.booking.support.callers import code_of
from tests.booking.support.county import (
    FAR,
    NEIGHBOUR,
    NORTH,
    book_out,
    hall,
    keep_internal,
    open_second_hall,
    with_towns,
)
from tests.booking.support.staff import staff

from booking.usecases.configure import configure
from kit.sql import Pool

Client = AsyncTestClient[Litestar]
HERE = f"/v1/tenants/{TENANT}/earliest"
ANYWHERE = "/v1/earliest"
PASS_KEY = "99085001000000"
COUNTY = "05370"
TODAY_AT_TEN = "2026-11-23T10:00:00+01:00"
"""It is Monday, 8:00, and an office wants two hours' notice."""
A_K = {"name": "A–K", "services": [PERSO], "surnames": [{"from": "A", "to": "K"}], "clerk": "Clerk 0"}
L_Z = {"name": "L–Z", "services": [PERSO], "surnames": [{"from": "L", "to": "Z"}], "clerk": "Clerk 1"}


@pytest.fixture
async def two_halls(booking_pool: Pool, clock: SetClock) -> None:
    await open_second_hall(booking_pool, clock, PERSO)


@pytest.fixture
async def county(booking_pool: Pool, clock: SetClock) -> None:
    await configure(booking_pool, with_towns(**{NEIGHBOUR: "053700000001", FAR: "059990000000"}), clock)


async def ask(client: Client, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.json()["next_cursor"] is None
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def places(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(item["location"]["name"], item["start"]) for item in items]


def towns(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(item["tenant"]["slug"], item["start"]) for item in items]


def one(name: str = PERSO, quantity: int = 1) -> str:
    return f"{service_id(name)}:{quantity}"


@pytest.mark.usefixtures("two_halls")
async def test_each_hall_has_its_earliest_time_the_soonest_first(booking_client: Client, booking_pool: Pool) -> None:
    assert [start for _, start in places(await ask(booking_client, HERE, items=one()))] == [TODAY_AT_TEN] * 2
    await book_out(booking_pool, hall(), "2026-11-25")
    found = await ask(booking_client, HERE, items=one())
    assert places(found) == [(NORTH, TODAY_AT_TEN), ("Rathaus", "2026-11-26T08:00:00+01:00")]
    first = found[0]
    assert (first["end"], first["duration_min"], first["channel"]) == ("2026-11-23T10:15:00+01:00", 15, "on_site")
    assert first["tenant"] == {"slug": TENANT, "name": "Stadt Muster"}
    assert first["services"] == [{"id": str(service_id(PERSO)), "name": PERSO}]


@pytest.mark.usefixtures("two_halls")
async def test_several_services_and_persons_need_a_place_and_time_for_all(booking_client: Client) -> None:
    (found,) = await ask(booking_client, HERE, items=f"{one(PERSO, 3)},{one(PASS)}")
    assert (found["location"]["name"], found["duration_min"]) == ("Rathaus", 50)
    assert (found["start"], found["end"]) == (TODAY_AT_TEN, "2026-11-23T10:50:00+01:00")


@pytest.mark.usefixtures("two_halls")
async def test_beyond_a_fortnight_is_looked_at_and_beyond_the_window_is_not(
    booking_client: Client, booking_pool: Pool
) -> None:
    await book_out(booking_pool, hall(), "2026-12-31")
    await book_out(booking_pool, hall(NORTH), "2027-01-22")  # sixty days ahead; Monday, the 25th, is free
    found = await ask(booking_client, HERE, items=one())
    assert places(found) == [("Rathaus", "2027-01-04T08:00:00+01:00")]


@pytest.mark.usefixtures("two_halls")
async def test_the_link_leads_to_that_place_and_its_times(booking_client: Client) -> None:
    (found,) = await ask(booking_client, HERE, items=f"{one(PERSO, 2)},{one(PASS)}")
    link = httpx.URL(found["link"])
    page = await booking_client.get(link.path, params=link.params)
    assert page.status_code == 200
    assert 'data-testid="earliest"' in page.text
    assert dict(link.params) == {
        "service": str(service_id(PERSO)),
        "quantity": "2",
        "more": one(PASS),
        "location": found["location"]["id"],
    }


@pytest.mark.usefixtures("town")
async def test_who_is_responsible_must_be_known_where_somebody_is(booking_client: Client) -> None:
    rules = {"items": [A_K, L_Z | {"deputy": "Clerk 0"}]}
    assert (await booking_client.put("/v1/staff/responsibility-rules", json=rules, headers=staff("lead"))).is_success
    (open_to_all,) = await ask(booking_client, HERE, items=one())
    assert open_to_all["start"] == TODAY_AT_TEN, "the third clerk is nobody's in particular"
    body = {"service_ids": [str(service_id(PERSO))], "surname": "Claessen"}
    token = (await booking_client.post(f"/v1/tenants/{TENANT}/responsibility", json=body)).json()["responsibility"]
    (found,) = await ask(booking_client, HERE, items=one(), responsibility=token)
    assert found["start"] == TODAY_AT_TEN
    assert httpx.URL(found["link"]).params["responsibility"] == token


@pytest.mark.usefixtures("town")
async def test_without_anybody_left_the_answer_says_what_is_missing(booking_client: Client, booking_pool: Pool) -> None:
    await let_rules_name_everybody(booking_client)
    answer = await booking_client.get(HERE, params={"items": one()})
    assert code_of(answer) == (400, "invalid_request")
    assert answer.json()["errors"][0]["field"] == "responsibility"


@pytest.mark.usefixtures("county")
async def test_the_towns_of_a_county_by_name_or_key_the_soonest_first(
    booking_client: Client, booking_pool: Pool
) -> None:
    await book_out(booking_pool, hall(), "2026-11-24")
    for service in (PASS_KEY, PASS, "REISEPASS  beantragen"):
        found = await ask(booking_client, ANYWHERE, service=service, ars=COUNTY)
        assert towns(found) == [(NEIGHBOUR, TODAY_AT_TEN), (TENANT, "2026-11-25T08:00:00+01:00")]
    assert found[0]["tenant"]["name"] == "Stadt Nachbarstadt"
    assert found[0]["link"].startswith(
        f"http://127.0.0.1:8001/{NEIGHBOUR}/termin?service={service_id(PASS, NEIGHBOUR)}"
    )
    everywhere = await ask(booking_client, ANYWHERE, service=PASS_KEY)
    assert {town for town, _ in towns(everywhere)} == {TENANT, NEIGHBOUR, FAR}
    assert len(await ask(booking_client, ANYWHERE, service=PASS_KEY, limit=2)) == 2


@pytest.mark.usefixtures("county")
async def test_services_that_share_a_key_are_one_at_each_place(booking_client: Client, booking_pool: Pool) -> None:
    await booking_pool.execute("UPDATE service SET leika = $1 WHERE name = $2", PASS_KEY, PERSO)
    found = await ask(booking_client, ANYWHERE, service=PASS_KEY, ars=COUNTY)
    assert [(item["tenant"]["slug"], item["services"][0]["name"]) for item in found] == [
        (TENANT, PERSO),
        (NEIGHBOUR, PERSO),
    ]


@pytest.mark.usefixtures("county")
async def test_a_place_that_cannot_serve_it_is_left_out(booking_client: Client) -> None:
    assert await ask(booking_client, ANYWHERE, service=PERSO, quantity=4) == []
    assert await ask(booking_client, ANYWHERE, service=PERSO, channel="video") == []
    assert await ask(booking_client, ANYWHERE, service=MAP) == [], "it is done online"
    assert await ask(booking_client, ANYWHERE, service="Hundesteuer") == []
    assert await ask(booking_client, ANYWHERE, service="99\0") == []


@pytest.mark.usefixtures("county")
async def test_where_somebody_in_particular_must_be_found_first_the_town_is_left_out(booking_client: Client) -> None:
    await let_rules_name_everybody(booking_client)
    assert [town for town, _ in towns(await ask(booking_client, ANYWHERE, service=PERSO, ars=COUNTY))] == [NEIGHBOUR]
    assert len(await ask(booking_client, ANYWHERE, service=PASS, ars=COUNTY)) == 2


@pytest.mark.usefixtures("county")
async def test_what_the_staff_alone_book_never_appears(booking_client: Client, booking_pool: Pool) -> None:
    await keep_internal(booking_pool, "service", MARRIAGE)
    await keep_internal(booking_pool, "offering", MARRIAGE, NEIGHBOUR)
    found = await ask(booking_client, ANYWHERE, service=MARRIAGE)
    assert [town for town, _ in towns(found)] == [FAR]
    for tenant in (TENANT, NEIGHBOUR):
        answer = await booking_client.get(
            f"/v1/tenants/{tenant}/earliest", params={"items": f"{service_id(MARRIAGE, tenant)}:1"}
        )
        assert answer.status_code == 400
        assert MARRIAGE not in answer.text or tenant == NEIGHBOUR, "of an internal service not even the name is told"


WRONG: list[tuple[str, dict[str, Any], str]] = [
    (HERE, {}, "items"),
    (HERE, {"items": ""}, "items[0]"),
    (HERE, {"items": "perso"}, "items[0]"),
    (HERE, {"items": f"{one()},{one()}"}, "items"),
    (HERE, {"items": one(quantity=0)}, "items[0].quantity"),
    (HERE, {"items": one(quantity=10**30)}, "items[0].quantity"),
    (HERE, {"items": one(MAP)}, "items[0].service_id"),
    (HERE, {"items": f"{one()},{one(MARRIAGE)}"}, "items"),
    (HERE, {"items": one(), "channel": "video"}, "channel"),
    (HERE, {"items": one(), "channel": "fax"}, "channel"),
    (HERE, {"items": one(), "limit": 0}, "limit"),
    (HERE, {"items": one(), "limit": 101}, "limit"),
    (HERE, {"items": one(), "responsibility": "\0"}, "responsibility"),
    (ANYWHERE, {}, "service"),
    (ANYWHERE, {"service": ""}, "service"),
    (ANYWHERE, {"service": "x" * 201}, "service"),
    (ANYWHERE, {"service": PERSO, "quantity": 0}, "quantity"),
    (ANYWHERE, {"service": PERSO, "quantity": 21}, "quantity"),
    (ANYWHERE, {"service": PERSO, "ars": "0537%"}, "ars"),
    (ANYWHERE, {"service": PERSO, "limit": "many"}, "limit"),
]


@pytest.mark.usefixtures("town")
async def test_what_is_wrong_is_named(booking_client: Client) -> None:
    for path, query, field in WRONG:
        answer = await booking_client.get(path, params=query)
        assert code_of(answer) == (400, "invalid_request"), (path, query)
        assert [error["field"] for error in answer.json()["errors"]] == [field], (path, query)
    unknown = await booking_client.get("/v1/tenants/nowhere/earliest", params={"items": one()})
    assert code_of(unknown) == (404, "not_found")


@pytest.mark.usefixtures("town")
async def test_a_country_is_asked_county_by_county(booking_client: Client, booking_pool: Pool) -> None:
    """Sixty tenants with the service are more than one answer looks at."""
    await booking_pool.execute(
        "INSERT INTO tenant (slug, profile)"
        " SELECT 'stadt-' || n, jsonb_set(profile, '{ars}', to_jsonb('08' || n)) FROM tenant, generate_series(1, 60) n"
    )
    await booking_pool.execute(
        "INSERT INTO service (id, tenant, name, kind, fee_kind, payment_policy, letter, sort_key, search_key)"
        " SELECT gen_random_uuid(), 'stadt-' || n, name, kind, fee_kind, payment_policy, letter, sort_key, search_key"
        " FROM service, generate_series(1, 60) n WHERE name = $1",
        PERSO,
    )
    answer = await booking_client.get(ANYWHERE, params={"service": PERSO})
    assert answer.json()["errors"][0]["field"] == "ars"
    assert len(await ask(booking_client, ANYWHERE, service=PERSO, ars=COUNTY)) == 1


async def let_rules_name_everybody(client: Client) -> None:
    rules = {"items": [A_K, L_Z, A_K | {"name": "rest", "clerk": "Clerk 2", "surnames": [{"from": "X", "to": "X"}]}]}
    answer = await client.put("/v1/staff/responsibility-rules", json=rules, headers=staff("lead"))
    assert answer.is_success, answer.text
