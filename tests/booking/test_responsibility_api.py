"""The responsible clerk over HTTP: asked for no more than needed, told why, booked, and stood in for."""

from datetime import date
from typing import Any

import pytest
from tests.booking.conftest import SetClock
from tests.booking.sample import MARRIAGE, PASS, PERSO, TENANT, service_id
from tests.booking.support.responsibility import A_K, L_Z, Client, ask, put_rules

from booking.domain.catalogue_files import Files
from kit.sql import Pool

pytestmark = pytest.mark.usefixtures("town")
DAY = "2026-11-24"


@pytest.fixture
async def rules(town: Files, booking_client: Client) -> None:
    answer = await put_rules(booking_client, A_K | {"deputy": "Clerk 1"}, L_Z | {"deputy": "Clerk 0"})
    assert answer.status_code == 200, answer.text


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
    towns = [{"name": name} for name in ("Wegberg", "Übach-Palenberg")] + [{"name": "Gangelt", "ars": "053700008008"}]
    rule = {"name": "Westen", "services": [PERSO], "municipalities": towns, "clerk": "Clerk 0"}
    assert (await put_rules(booking_client, rule)).status_code == 200
    first = await ask(booking_client)
    assert (first["asks"], [town["name"] for town in first["municipalities"]]) == (
        ["municipality"],
        ["Gangelt", "Übach-Palenberg", "Wegberg"],  # as Germans sort
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
        ({"service_ids": ["x"]}, "service_ids[0]"),
        ({"service_ids": [str(service_id("unknown"))]}, "items[0].service_id"),
        ({"born": "1956"}, "born"),
    ],
)
async def test_a_wrong_question_names_the_field(booking_client: Client, change: dict[str, Any], field: str) -> None:
    body = {"service_ids": [str(service_id(PERSO))]} | change
    answer = await booking_client.post(f"/v1/tenants/{TENANT}/responsibility", json=body)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])


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
