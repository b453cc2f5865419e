"""Catalogue, free times and the hold, over HTTP."""

from datetime import date
from typing import Any

import msgspec
import pytest
from tests.booking.conftest import SetClock
from tests.booking.sample import MARRIAGE, PASS, PERSO, TENANT, files, service_id
from tests.booking.support.holding import Client, free_times, hold
from tests.booking.support.masks import check_masks

from booking.usecases.configure import configure
from kit.sql import Pool
from kit.tokens import read_id

pytestmark = pytest.mark.usefixtures("town")


async def test_tenants_and_services_are_listed(booking_client: Client) -> None:
    tenants = (await booking_client.get("/v1/tenants")).json()
    assert [item["slug"] for item in tenants["items"]] == [TENANT]
    services = (await booking_client.get(f"/v1/tenants/{TENANT}/services", params={"q": "persso"})).json()
    first = services["items"][0]
    assert first["name"] == PERSO
    assert first["fee"] == {"amount_cents": 4600, "currency": "EUR"}
    assert (first["duration_min"], first["max_quantity"], first["payment_policy"]) == (15, 3, "online_optional")


async def test_a_search_finds_services_offices_and_functions(booking_client: Client) -> None:
    path = f"/v1/tenants/{TENANT}/search"
    found = (await booking_client.get(path, params={"q": "trauungen"})).json()["items"][0]
    assert (found["kind"], found["name"], found["unit"], found["clerk"]) == (
        "function",
        "Trauungen",
        "Standesamt",
        None,
    )
    assert (found["place"]["name"], found["place"]["street"]) == ("Rathaus", "Markt 1")
    items = (await booking_client.get(path, params={"q": "standesamt"})).json()["items"]
    assert [item["kind"] for item in items] == ["location", "service", "function"]
    service = items[1]["service"]
    assert (service["name"], service["id"]) == (MARRIAGE, items[1]["id"])
    for q in ("", "x" * 101, "\0"):
        answer = await booking_client.get(path, params={"q": q})
        assert answer.status_code == (200 if q == "\0" else 400)
    assert (await booking_client.get("/v1/tenants/nowhere/search", params={"q": "x"})).status_code == 404


async def test_free_times_follow_hours_grid_and_notice(booking_client: Client, clock: SetClock) -> None:
    times = await free_times(booking_client)
    assert times[:2] == ["08:00", "08:15"]
    assert times[-1] == "11:45"
    clock.now = clock.now.replace(hour=7, minute=31)  # 08:31 in Germany; two hours' notice
    today = await free_times(booking_client, "2026-11-23")
    assert today[0] == "10:45"


async def test_a_longer_visit_ends_before_closing(booking_client: Client) -> None:
    times = await free_times(booking_client, items=f"{service_id(PERSO)}:3")  # 15 + 2 × 10 minutes
    assert times[-1] == "11:15"
    both = await free_times(booking_client, items=f"{service_id(PERSO)}:1,{service_id(PASS)}:1")
    assert both[-1] == "11:30"


async def test_all_days_are_listed_also_those_with_none(booking_client: Client) -> None:
    response = await booking_client.get(
        f"/v1/tenants/{TENANT}/availability",
        params={"items": f"{service_id(PERSO)}:1", "from": "2026-11-24", "days": 62},
    )
    days = response.json()["days"]
    assert len(days) == 62
    by_day = {day["date"]: day["free"] for day in days}
    assert by_day["2026-11-29"] == 0  # a Sunday
    assert by_day["2026-12-25"] == 0
    assert by_day["2026-11-24"] == 16
    assert by_day["2027-01-24"] == 0  # behind the window
    assert response.json()["time_zone"] == "Europe/Berlin"


async def test_a_hold_says_all_a_citizen_needs(booking_client: Client, booking_pool: Pool, clock: SetClock) -> None:
    response = await hold(booking_client)
    assert response.status_code == 201, response.text
    held = response.json()
    assert (held["state"], held["version"]) == ("held", 1)
    assert held["start"] == "2026-11-24T08:00:00+01:00"
    assert held["end"] == "2026-11-24T08:15:00+01:00"
    assert held["expires_at"] == "2026-11-23T08:15:00+01:00"
    assert held["fee"] == {"amount_cents": 4600, "currency": "EUR"}
    assert held["clerk"]["display_name"].startswith("Clerk ")
    assert held["location"]["name"] == "Rathaus"
    assert (held["unit"], held["channel"], held["payment"]["may_switch_to_counter"]) == ("Bürgerbüro", "on_site", False)
    assert [(item["service"], item["quantity"]) for item in held["items"]] == [(PERSO, 1)]
    grant = await booking_pool.fetchval("SELECT id FROM access_grant WHERE appointment_id = $1", held["id"])
    assert read_id("link-key-of-the-tests", "access", held["access_token"]) == grant
    assert await check_masks(booking_pool, TENANT, clock()) == []


@pytest.mark.parametrize(
    "body",
    [
        {"name": PERSO, "quantity": 2},
        {"name": MARRIAGE, "channel": "phone"},
        {
            "items": [{"service_id": str(service_id(PASS))}, {"service_id": str(service_id(PERSO)), "quantity": 2}],
            "start": "2027-01-12T08:00:00+01:00",
        },
    ],
)
async def test_a_hold_answers_what_reading_it_answers(
    booking_client: Client, booking_pool: Pool, clock: SetClock, body: dict[str, Any]
) -> None:
    """Also where services have documents, deadlines, functions of clerks, and a fee that changes before the visit."""
    changed = {
        PERSO: {"documents": ("Foto", "alter Ausweis"), "cancel_until_h": 24, "name_en": "Apply for an identity card"},
        PASS: {"documents": ("Foto",), "reschedule_until_h": 48, "fee_from": date(2027, 1, 1), "former_fee_cents": 1},
        MARRIAGE: {"channels": ("on_site", "phone")},
    }
    town = files()
    rows = [msgspec.structs.replace(row, **changed.get(row.name, {})) for row in town.services]
    await configure(booking_pool, town._replace(services=rows), clock)
    response = await hold(booking_client, **body)
    assert response.status_code == 201, response.text
    held = response.json()
    token = held.pop("access_token")
    headers = {"Authorization": f"Bearer {token}"}
    read = (await booking_client.get(f"/v1/appointments/{held['id']}", headers=headers)).json()
    assert held == read
    assert list(held) == list(read)


async def test_a_hold_writes_its_audit_and_its_event(booking_client: Client, booking_pool: Pool) -> None:
    held = (await hold(booking_client)).json()
    event = await booking_pool.fetchrow("SELECT subject, payload FROM outbox")
    assert event["subject"] == "booking.appointment.held"
    assert (event["payload"]["appointment_id"], event["payload"]["version"]) == (held["id"], 1)
    audit = await booking_pool.fetchrow("SELECT actor, action, version FROM audit_event")
    assert tuple(audit) == ("citizen", "hold", 1)


async def test_lanes_are_used_fairly_and_then_the_time_is_gone(booking_client: Client) -> None:
    clerks = set()
    for number in range(3):
        held = await hold(booking_client, key=f"k{number}")
        clerks.add(held.json()["clerk"]["display_name"])
    assert len(clerks) == 3
    gone = await hold(booking_client, key="k4")
    assert (gone.status_code, gone.json()["code"]) == (409, "slot_taken")
    assert "08:00" not in await free_times(booking_client)


async def test_the_same_key_gives_the_same_answer_and_another_body_a_conflict(booking_client: Client) -> None:
    first = await hold(booking_client)
    assert (await hold(booking_client)).json() == first.json()
    other = await hold(booking_client, start="2026-11-24T09:00:00+01:00")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert (await free_times(booking_client)).count("08:00") == 1


async def test_the_same_key_after_the_slot_is_full_still_gets_its_answer(booking_client: Client) -> None:
    answers = [(await hold(booking_client, key=f"k{number}")).json() for number in range(3)]
    again = await hold(booking_client, key="k1")
    assert again.json() == answers[1]


async def test_an_expired_hold_blocks_nobody_and_is_told(
    booking_client: Client, booking_pool: Pool, clock: SetClock
) -> None:
    for number in range(3):
        await hold(booking_client, key=f"k{number}")
    clock.advance(minutes=15)
    assert (await free_times(booking_client))[0] == "08:00"
    subjects = await booking_pool.fetch("SELECT subject, count(*) FROM outbox GROUP BY subject ORDER BY subject")
    assert dict(subjects) == {"booking.appointment.expired": 3, "booking.appointment.held": 3}
    assert await check_masks(booking_pool, TENANT, clock()) == []


async def test_a_booking_that_meets_an_expired_hold_takes_its_slot(booking_client: Client, clock: SetClock) -> None:
    for number in range(3):
        await hold(booking_client, key=f"k{number}")
    clock.advance(minutes=15)
    assert (await hold(booking_client, key="late")).status_code == 201


async def test_the_fee_is_that_of_the_visit_and_sums_up(booking_client: Client) -> None:
    held = (await hold(booking_client, quantity=2)).json()
    assert held["fee"]["amount_cents"] == 9200
    free = (await hold(booking_client, key="k2", name=MARRIAGE, start="2026-11-25T08:00:00+01:00")).json()
    assert (free["fee"], free["fee_kind"], free["payment"]["policy"]) == (None, "on_request", "counter")


async def test_responsibility_names_the_unit_and_restricts(booking_client: Client) -> None:
    response = await booking_client.post(
        f"/v1/tenants/{TENANT}/responsibility", json={"service_ids": [str(service_id(MARRIAGE))]}
    )
    answer = response.json()
    assert (response.status_code, answer["asks"], answer["unit"]) == (200, [], "Standesamt")
    held = await hold(
        booking_client, name=MARRIAGE, responsibility=answer["responsibility"], start="2026-11-25T08:00:00+01:00"
    )
    assert held.status_code == 201
    wrong = await hold(booking_client, key="k2", responsibility=answer["responsibility"])
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "items")
