"""The day's list and finding a visit: what a clerk sees, in order, and nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from tests.booking.sample import MARRIAGE, PASS, TENANT, service_id
from tests.booking.support.desk import Desk
from tests.booking.support.life import ERIKA, at

from booking.domain.configuration import id_for
from booking.domain.contact import Contact
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.view_appointment import Access

JOERG = Contact(given_name="Jörg", family_name="Müller-Österreich", phone="02452 4711", organisation="Bäckerei Groß")


async def book(desk: Desk, time: str, contact: Contact = ERIKA, **more: Any) -> Access:
    access = await desk.life.hold(at(time), **more)
    await desk.life.confirm(access, "counter", contact=contact)
    return access


async def listed(desk: Desk, **query: Any) -> list[dict[str, Any]]:
    answer = await desk.get("/appointments", **query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_day_is_listed_by_start_with_all_a_clerk_needs(desk: Desk) -> None:
    late, early = await book(desk, "10:00"), await book(desk, "08:00", JOERG, quantity=2)
    await desk.life.hold(at("09:00"))  # only reserved: nobody comes yet
    first, second = await listed(desk, day="2026-11-25")
    assert (first["id"], second["id"]) == (str(early.appointment_id), str(late.appointment_id))
    assert first["start"] == "2026-11-25T08:00:00+01:00"
    assert first["person"] == {
        "given_name": "Jörg",
        "family_name": "Müller-Österreich",
        "organisation": "Bäckerei Groß",
        "email": None,
        "phone": "02452 4711",
    }
    assert [(item["service_id"], item["quantity"]) for item in first["items"]] == [
        (str(service_id("Personalausweis beantragen")), 2)
    ]
    assert first["payment"]["fee"]["amount_cents"] == 9200
    assert (first["clerk"]["display_name"], first["flags"]) == (
        (await desk.life.view(early)).clerk.display_name,
        ["fee_due", "no_mail"],
    )
    assert await listed(desk, day="2026-11-26") == []


async def test_without_a_day_it_is_today(desk: Desk) -> None:
    await book(desk, "08:00")
    assert await listed(desk) == []
    desk.clock.now = at("06:00")
    assert len(await listed(desk)) == 1


async def test_a_clerk_asks_for_the_own_visits(desk: Desk) -> None:
    for _ in range(3):
        await book(desk, "08:00")
    (own,) = await listed(desk, day="2026-11-25", clerk="me")
    assert own["clerk"]["display_name"] == "Clerk 0"
    (other,) = await listed(desk, day="2026-11-25", clerk=str(id_for(TENANT, "clerk", "Clerk 1")))
    assert other["clerk"]["display_name"] == "Clerk 1"
    stranger = await desk.get("/appointments", desk.token("lead", subject="nobodys.clerk"), clerk="me")
    assert (stranger.status_code, stranger.json()["errors"][0]["field"]) == (400, "clerk")


async def test_states_and_places_narrow_the_list(desk: Desk) -> None:
    await book(desk, "08:00")
    await cancel_appointment(desk.life.pool, desk.clock, await book(desk, "09:00"))
    held = await desk.life.hold(at("10:00"))
    day = {"day": "2026-11-25"}
    assert [visit["state"] for visit in await listed(desk, **day)] == ["confirmed"]
    assert [visit["state"] for visit in await listed(desk, **day, state="cancelled_by_citizen")] == [
        "cancelled_by_citizen"
    ]
    both = await listed(desk, **day, state=["held", "confirmed"])
    assert [visit["state"] for visit in both] == ["confirmed", "held"]
    assert both[1]["id"] == str(held.appointment_id)
    assert len(await listed(desk, **day, location=str(id_for(TENANT, "location", "Rathaus")))) == 1
    assert await listed(desk, **day, location=str(id_for(TENANT, "location", "Bauhof"))) == []


async def test_a_visit_is_found_by_the_begin_of_its_number_on_any_day(desk: Desk) -> None:
    number = (await desk.life.view(await book(desk, "08:00"))).number
    await book(desk, "09:00")
    for typed in (number, number.lower().replace("-", ""), f" {number[:6]}"):
        assert [visit["number"] for visit in await listed(desk, q=typed)] == [number]
    assert await listed(desk, q=number, day="2026-11-26") == []


async def search(desk: Desk, **body: Any) -> Any:
    return await desk.post("/appointments/search", body)


@pytest.mark.parametrize(
    "name", ["mueller", "MÜLLER", "jörg müller", "oesterr", "Baeckerei groß", "Müller-Österreich, J"]
)
async def test_a_person_is_found_by_any_of_the_names(desk: Desk, name: str) -> None:
    found = await book(desk, "08:00", JOERG)
    await book(desk, "09:00")
    assert [visit["id"] for visit in (await search(desk, name=name)).json()["items"]] == [str(found.appointment_id)]


async def test_a_name_that_is_none_finds_nobody(desk: Desk) -> None:
    await book(desk, "08:00")
    for name in ("ueller", "%%", "Mustermann Jörg", "\u0000\u0000"):
        answer = await search(desk, name=name)
        assert answer.status_code == 400 or answer.json()["items"] == [], name
    assert (await search(desk, name="Mustermann", day="2026-11-26")).json()["items"] == []
    assert len((await search(desk, name="Mustermann", day="2026-11-25")).json()["items"]) == 1


async def test_a_draft_is_not_the_offices_business(desk: Desk) -> None:
    access = await desk.life.hold()
    await desk.life.pool.execute(
        "INSERT INTO contact (appointment_id, tenant, given_name, family_name, phone, language, name_key)"
        " VALUES ($1, $2, 'Erika', 'Mustermann', '02452 1', 'de', 'mustermann erika')",
        access.appointment_id,
        TENANT,
    )
    assert (await search(desk, name="Mustermann")).json()["items"] == []
    assert (await desk.get(f"/appointments/{access.appointment_id}")).json()["person"] is None


async def test_long_lists_come_in_pages(desk: Desk) -> None:
    held = [await desk.life.hold(at("08:00") + timedelta(minutes=15 * step)) for step in range(8) for _ in range(2)]
    await desk.life.pool.execute(
        "INSERT INTO appointment SELECT (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(),"
        " 'number', a.number || n))).* FROM appointment a, generate_series(1, 14) AS n"
    )
    await desk.life.pool.execute(
        "INSERT INTO appointment_item (appointment_id, position, service_id, offering_id, quantity, duration_min)"
        " SELECT a.id, 2, i.service_id, i.offering_id, 1, 15"
        " FROM appointment a, (SELECT * FROM appointment_item LIMIT 1) AS i"
    )
    query: dict[str, Any] = {"day": "2026-11-25", "state": "held"}
    first = (await desk.get("/appointments", **query)).json()
    second = (await desk.get("/appointments", **query, cursor=first["next_cursor"])).json()
    third = (await desk.get("/appointments", **query, cursor=second["next_cursor"])).json()
    ids = [item["id"] for page in (first, second, third) for item in page["items"]]
    assert len(ids) == len(set(ids)) == len(held) * 15
    assert third["next_cursor"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("day", "tomorrow"),
        ("day", "9999-12-31"),
        ("day", "0001-01-01"),
        ("clerk", "x"),
        ("location", "x"),
        ("state", "gone"),
        ("cursor", "ä"),
        ("cursor", "e30="),
        ("q", "x" * 41),
    ],
)
async def test_wrong_input_names_its_field(desk: Desk, field: str, value: str) -> None:
    answer = await desk.get("/appointments", **{field: value})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert field in answer.text


async def test_only_those_who_handle_visits_see_them(desk: Desk) -> None:
    access = await book(desk, "08:00")
    for path in ("/appointments?day=2026-11-25", f"/appointments/{access.appointment_id}"):
        assert (await desk.client.get(f"/v1/staff{path}")).status_code == 401
        assert (await desk.get(path, desk.token("admin", "treasurer"))).status_code == 403
        assert (await desk.get(path, desk.token("lead"))).status_code == 200
    body = {"name": "Mustermann"}
    assert (await desk.client.post("/v1/staff/appointments/search", json=body)).status_code == 401
    assert (await desk.post("/appointments/search", body, token=desk.token("admin"))).status_code == 403


async def test_another_town_sees_nothing(desk: Desk) -> None:
    access = await book(desk, "08:00")
    await desk.life.pool.execute(
        "INSERT INTO tenant (slug, profile) SELECT 'otherstadt', profile || '{\"slug\": \"otherstadt\"}' FROM tenant"
    )
    token = desk.token("clerk", tenant="otherstadt")
    assert (await desk.get("/appointments", token, day="2026-11-25")).json()["items"] == []
    assert (await desk.get("/appointments", token, clerk="me")).status_code == 400
    assert (await desk.post("/appointments/search", {"name": "Mustermann"}, token=token)).json()["items"] == []
    assert (await desk.get(f"/appointments/{access.appointment_id}", token)).status_code == 404


async def test_the_history_names_who_did_what(desk: Desk) -> None:
    access = await book(desk, "08:00", service=MARRIAGE)
    await desk.life.hold(at("08:00"), service=PASS)
    history = (await desk.get(f"/appointments/{access.appointment_id}")).json()["history"]
    assert [(each["action"], each["actor"]) for each in history] == [("hold", "citizen"), ("confirm", "citizen")]
