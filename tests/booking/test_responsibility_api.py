"""The responsible clerk over HTTP: asked for no more than needed, told why, booked, and stood in for."""

from datetime import date
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.conftest import SetClock
from tests.booking.sample import MARRIAGE, PASS, PERSO, TENANT, files, service_id
from tests.booking.support.staff import staff

from booking.usecases.check_masks import check_masks
from booking.usecases.configure import Files, configure
from kit.sql import Pool

pytestmark = pytest.mark.usefixtures("town")

Client = AsyncTestClient[Litestar]
A_K = {"name": "A–K", "services": [PERSO], "surnames": [{"from": "A", "to": "K"}], "clerk": "Clerk 0"}
L_Z = {"name": "L–Z", "services": [PERSO], "surnames": [{"from": "L", "to": "Z"}], "clerk": "Clerk 1"}
DAY = "2026-11-24"


async def put_rules(client: Client, *rules: dict[str, Any], **more: Any) -> Any:
    return await client.put("/v1/staff/responsibility-rules", json={"items": list(rules)} | more, headers=staff("lead"))


@pytest.fixture
async def rules(town: Files, booking_client: Client) -> None:
    answer = await put_rules(booking_client, A_K | {"deputy": "Clerk 1"}, L_Z | {"deputy": "Clerk 0"})
    assert answer.status_code == 200, answer.text


async def ask(client: Client, *names: str, **facts: str) -> Any:
    body = {"service_ids": [str(service_id(name)) for name in names or (PERSO,)]} | facts
    answer = await client.post(f"/v1/tenants/{TENANT}/responsibility", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def hold(client: Client, key: str, token: str | None, **body: Any) -> Any:
    body = {"items": [{"service_id": str(service_id(PERSO))}], "start": f"{DAY}T08:00:00+01:00"} | body
    if token is not None:
        body["responsibility"] = token
    return await client.post(f"/v1/tenants/{TENANT}/appointments", json=body, headers={"Idempotency-Key": key})


async def free(client: Client, token: str | None = None, first_day: str = DAY, days: int = 1) -> dict[str, int]:
    query: dict[str, Any] = {"items": f"{service_id(PERSO)}:1", "from": first_day, "days": days}
    query |= {"responsibility": token} if token else {}
    answer = await client.get(f"/v1/tenants/{TENANT}/availability", params=query)
    assert answer.status_code == 200, answer.text
    return {day["date"]: day["free"] for day in answer.json()["days"]}


async def send_away(pool: Pool, clerk: str, day: str) -> None:
    """As an absence does it: no open time."""
    await pool.execute(
        "UPDATE day_mask m SET open = 0::bit(288), free = 0::bit(288) FROM lane l JOIN clerk c ON c.id = l.clerk_id"
        " WHERE m.lane_id = l.id AND c.display_name = $1 AND m.day = $2",
        clerk,
        date.fromisoformat(day),
    )


@pytest.mark.usefixtures("rules")
async def test_only_what_is_needed_is_asked_and_the_answer_says_why(booking_client: Client) -> None:
    first = await ask(booking_client)
    assert (first["asks"], first["responsibility"], first["clerk"]) == (["surname"], None, None)
    assert first["why"] == f"Wer für „{PERSO}“ zuständig ist, hängt ab von: Nachname."
    found = await ask(booking_client, surname="Claessen")
    assert (found["asks"], found["clerk"], found["deputy"], found["unit"]) == ([], "Clerk 0", "Clerk 1", "Bürgerbüro")
    assert found["why"] == (
        "Clerk 0 ist zuständig, weil Ihr Nachname mit C beginnt (Regel A–K, Bürgerbüro)."
        " In Abwesenheit vertritt Clerk 1."
    )
    assert found["why_en"] == (
        "Clerk 0 is responsible because your surname begins with C (rule A–K, Bürgerbüro)."
        " Clerk 1 stands in during absences."
    )
    sorted_ = await ask(booking_client, surname="von der Heide")
    assert "weil Ihr Nachname unter H steht" in sorted_["why"]
    assert (await ask(booking_client, surname="Österreich"))["clerk"] == "Clerk 1"


@pytest.mark.usefixtures("rules")
async def test_a_service_without_rules_asks_nothing(booking_client: Client) -> None:
    found = await ask(booking_client, MARRIAGE)
    assert (found["asks"], found["unit"], found["clerk"]) == ([], "Standesamt", None)
    assert found["why"] == f"Standesamt ist zuständig für „{MARRIAGE}“."


@pytest.mark.usefixtures("rules")
async def test_the_token_leads_to_the_clerk_and_holds_no_person_s_data(booking_client: Client) -> None:
    found = await ask(booking_client, surname="Claessen")
    again = await ask(booking_client, surname="Becker")
    assert again["responsibility"] == found["responsibility"], "it says the rule, and nothing of who asked"
    assert (await free(booking_client, found["responsibility"]))[DAY] == 16
    held = await hold(booking_client, "k1", found["responsibility"])
    assert held.json()["clerk"]["display_name"] == "Clerk 0"
    taken = await hold(booking_client, "k2", found["responsibility"])
    assert (taken.status_code, taken.json()["code"]) == (409, "slot_taken"), "a colleague is free, and not responsible"
    assert (await free(booking_client, found["responsibility"]))[DAY] == 15


@pytest.mark.usefixtures("rules")
async def test_without_a_token_nobody_s_clerk_is_booked(booking_client: Client) -> None:
    assert (await free(booking_client))[DAY] == 16
    held = await hold(booking_client, "k1", None)
    assert held.json()["clerk"]["display_name"] == "Clerk 2", "whom no rule names"
    assert (await hold(booking_client, "k2", None)).json()["code"] == "slot_taken"


async def test_where_each_clerk_is_somebody_s_a_token_is_needed(booking_client: Client) -> None:
    rest = {"name": "Z", "services": [PERSO], "surnames": [{"from": "Z"}], "clerk": "Clerk 2", "priority": 1}
    assert (await put_rules(booking_client, A_K, L_Z, rest)).status_code == 200
    refused = await hold(booking_client, "k1", None)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "responsibility")
    query = {"items": f"{service_id(PERSO)}:1"}
    listed = await booking_client.get(f"/v1/tenants/{TENANT}/availability", params=query)
    assert (listed.status_code, listed.json()["errors"][0]["field"]) == (400, "responsibility")
    catch_all = {"name": "Sonst", "services": [PERSO], "clerk": "Clerk 2"}
    assert (await put_rules(booking_client, A_K, L_Z, catch_all)).status_code == 200
    assert (await hold(booking_client, "k1", None)).json()["clerk"]["display_name"] == "Clerk 2", (
        "the rule for the rest"
    )


@pytest.mark.usefixtures("rules")
async def test_the_deputy_serves_on_days_on_which_the_clerk_is_away_only(
    booking_client: Client, booking_pool: Pool, clock: SetClock
) -> None:
    token = (await ask(booking_client, surname="Claessen"))["responsibility"]
    for quarter in range(16):
        start = f"2026-11-26T{8 + quarter // 4:02}:{quarter % 4 * 15:02}:00+01:00"
        assert (await hold(booking_client, f"full{quarter}", token, start=start)).status_code == 201
    await send_away(booking_pool, "Clerk 0", "2026-11-25")
    days = await free(booking_client, token, days=3)
    assert days == {"2026-11-24": 16, "2026-11-25": 16, "2026-11-26": 0}, "booked out is not away"
    names = {}
    for day in ("2026-11-24", "2026-11-25"):
        held = await hold(booking_client, day, token, start=f"{day}T08:00:00+01:00")
        names[day] = held.json()["clerk"]["display_name"]
    assert names == {"2026-11-24": "Clerk 0", "2026-11-25": "Clerk 1"}
    full = await hold(booking_client, "k9", token, start="2026-11-26T08:00:00+01:00")
    assert full.json()["code"] == "slot_taken"
    await send_away(booking_pool, "Clerk 1", "2026-11-27")
    await send_away(booking_pool, "Clerk 0", "2026-11-27")
    both_away = await hold(booking_client, "k10", token, start="2026-11-27T08:00:00+01:00")
    assert (both_away.status_code, both_away.json()["errors"][0]["field"]) == (400, "start")


@pytest.mark.usefixtures("rules")
async def test_a_visit_that_moves_stays_with_the_responsible_clerk(booking_client: Client, booking_pool: Pool) -> None:
    token = (await ask(booking_client, surname="Claessen"))["responsibility"]
    taken = await hold(booking_client, "k1", token, start=f"{DAY}T09:00:00+01:00")
    held = (await hold(booking_client, "k2", token)).json()
    assert taken.json()["clerk"]["display_name"] == held["clerk"]["display_name"] == "Clerk 0"

    async def move(start: str) -> Any:
        headers = {"Authorization": f"Bearer {held['access_token']}", "Idempotency-Key": start}
        url = f"/v1/appointments/{held['id']}/reschedule"
        return await booking_client.post(url, json={"start": start}, headers=headers)

    refused = await move(f"{DAY}T09:00:00+01:00")
    assert refused.json()["code"] == "slot_taken", "others are free, and are not responsible"
    assert (await move(f"{DAY}T10:00:00+01:00")).json()["clerk"]["display_name"] == "Clerk 0"
    await send_away(booking_pool, "Clerk 0", "2026-11-25")
    assert (await move("2026-11-25T08:00:00+01:00")).json()["clerk"]["display_name"] == "Clerk 1"


@pytest.mark.usefixtures("rules")
async def test_a_token_is_good_for_its_services_and_its_rules(booking_client: Client) -> None:
    token = (await ask(booking_client, surname="Claessen"))["responsibility"]
    other = await hold(booking_client, "k1", token, items=[{"service_id": str(service_id(PASS))}])
    assert (other.status_code, other.json()["errors"][0]["field"]) == (400, "items")
    assert (await put_rules(booking_client, A_K)).status_code == 200
    stale = await hold(booking_client, "k2", token)
    assert (stale.status_code, stale.json()["errors"][0]["field"]) == (400, "responsibility")


async def test_a_visit_for_two_people_s_services_is_refused(booking_client: Client) -> None:
    other = {"name": "Pässe", "services": [PASS], "clerk": "Clerk 2"}
    assert (await put_rules(booking_client, A_K, L_Z, other)).status_code == 200
    body = {"service_ids": [str(service_id(PERSO)), str(service_id(PASS))], "surname": "Claessen"}
    answer = await booking_client.post(f"/v1/tenants/{TENANT}/responsibility", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "service_ids")
    same = other | {"surnames": [{"to": "K"}], "clerk": "Clerk 0"}
    assert (await put_rules(booking_client, A_K, L_Z, same)).status_code == 200
    assert (await ask(booking_client, PERSO, PASS, surname="Claessen"))["clerk"] == "Clerk 0"


async def test_a_rule_for_a_unit(booking_client: Client) -> None:
    rule = {"name": "Pässe", "services": [PASS], "postcodes": ["52499"], "unit": "Bürgerbüro"}
    assert (await put_rules(booking_client, rule)).status_code == 200
    found = await ask(booking_client, PASS, postcode="52499")
    assert found["why"] == "Bürgerbüro ist zuständig, weil Ihre Postleitzahl 52499 ist (Regel Pässe)."
    nowhere = await ask(booking_client, PASS, postcode="10115")
    assert nowhere["why"].endswith("Für Ihre Angaben gilt keine besondere Regel.")


async def test_the_municipalities_to_choose_from_are_named(booking_client: Client) -> None:
    towns = [{"name": "Selfkant"}, {"name": "Gangelt", "ars": "053700008008"}]
    rule = {"name": "Westen", "services": [PERSO], "municipalities": towns, "clerk": "Clerk 0"}
    assert (await put_rules(booking_client, rule)).status_code == 200
    first = await ask(booking_client)
    assert (first["asks"], [town["name"] for town in first["municipalities"]]) == (
        ["municipality"],
        ["Gangelt", "Selfkant"],
    )
    found = await ask(booking_client, municipality="053700008008")
    assert "weil Sie in Gangelt wohnen" in found["why"]


async def test_several_reasons_are_one_sentence(booking_client: Client) -> None:
    rule = {"name": "A–K", "services": [PERSO], "municipalities": [{"name": "Gangelt"}], "surnames": [{"to": "K"}]}
    assert (await put_rules(booking_client, rule | {"unit": "Bürgerbüro"})).status_code == 200
    found = await ask(booking_client, municipality="Gangelt", surname="Claessen")
    assert "weil Sie in Gangelt wohnen und Ihr Nachname mit C beginnt (Regel" in found["why"]
    assert "because you live in Gangelt and your surname begins with C (rule" in found["why_en"]


async def test_a_street_in_the_words_of_the_answer(booking_client: Client) -> None:
    odd = {"street": "Ringstraße", "side": "odd", "to": "99"}
    rule = {"name": "Nord", "services": [PERSO], "streets": [odd, {"street": "Markt"}], "clerk": "Clerk 0"}
    assert (await put_rules(booking_client, rule)).status_code == 200
    assert (await ask(booking_client))["asks"] == ["street", "house_number"]
    assert (await ask(booking_client, street="Ringstr."))["asks"] == ["house_number"]
    found = await ask(booking_client, street="Ringstr.", house_number="7a")
    assert "weil Ihre Anschrift zu „Ringstraße bis 99, ungerade Hausnummern“ gehört" in found["why"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"surname": "Иванов"}, "surname"),
        ({"house_number": "xx"}, "house_number"),
        ({"postcode": "1"}, "postcode"),
        ({"surname": "x" * 101}, "surname"),
        ({"surname": 7}, "surname"),
        ({"service_ids": []}, "service_ids"),
        ({"service_ids": ["x"]}, "service_ids"),
        ({"service_ids": [str(service_id("unknown"))]}, "items[0].service_id"),
        ({"born": "1956"}, "born"),
    ],
)
async def test_a_wrong_question_names_the_field(booking_client: Client, change: dict[str, Any], field: str) -> None:
    body = {"service_ids": [str(service_id(PERSO))]} | change
    answer = await booking_client.post(f"/v1/tenants/{TENANT}/responsibility", json=body)
    assert (answer.status_code, field in str(answer.json()["errors"])) == (400, True), answer.text


@pytest.mark.usefixtures("rules")
async def test_what_people_say_is_stored_nowhere(booking_client: Client, booking_pool: Pool) -> None:
    token = (await ask(booking_client, surname="Plantenberg-Zwick"))["responsibility"]
    await hold(booking_client, "k1", token)
    tables = [row["table_name"] for row in await booking_pool.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )]  # fmt: skip
    assert "appointment" in tables
    for table in tables:
        found = await booking_pool.fetchval(f"SELECT count(*) FROM \"{table}\" t WHERE t::text ILIKE '%plantenberg%'")
        assert found == 0, table


# --- the staff's side ---------------------------------------------------------------------------------------------


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
        ({"streets": [{"street": "Markt", "side": "left"}]}, "side"),
        ({"postcodes": ["5249"]}, "postcodes"),
        ({"name": "A–K"}, "items[1].name"),
        ({"name": "L\u0000Z"}, "name"),
        ({"priority": -1}, "priority"),
        ({"priority": 10**20}, "priority"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_wrong_rule_names_the_field_and_changes_nothing(
    booking_client: Client, change: dict[str, Any], field: str
) -> None:
    await put_rules(booking_client, A_K)
    answer = await put_rules(booking_client, A_K, L_Z | change)
    assert (answer.status_code, field in str(answer.json()["errors"])) == (400, True), answer.text
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
