"""A person's data goes at the tenant's date or when its citizen asks; a log proves it, and a scan finds no trace."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking import sample
from tests.booking.sample import MARRIAGE, PASS, PERSO, TENANT, service_id
from tests.booking.support.life import Life, at
from tests.booking.support.staff import staff
from tests.support.database import Database
from tests.support.scan import Trace, scan_database

from booking.app import build
from booking.domain.appointment import By
from booking.domain.contact import Contact
from booking.domain.errors import Conflict, NotFound
from booking.settings import Settings
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.configure import configure
from booking.usecases.erase_appointment import Erasure, erase_appointment, erase_due
from booking.usecases.expire_appointments import expire_appointments
from booking.usecases.save_contact import save_contact
from booking.usecases.view_appointment import Access
from booking.usecases.write_letter import Links, write_letter

PLANTED = Contact(
    given_name="Zacharias",
    family_name="Zwetschgenbäumer",
    organisation="Planted GmbH",
    email="zz.planted@example.org",
    phone="0170 5550142",
)
WORDS = ["Zacharias", "Zwetschgenb", "Planted", "zz.planted", "5550142", "my illness", "portal.example"]
CITIZEN = By("citizen")
LINKS = Links(public_url="https://termine.example", key="link-key-of-the-tests")


@pytest.fixture
async def client(booking_settings: Settings, life: Life) -> AsyncIterator[AsyncTestClient[Litestar]]:
    async with AsyncTestClient(build(booking_settings, life.clock)) as client:
        yield client


async def book(life: Life, start: str = "08:00", payment: str = "counter", **more: Any) -> Access:
    access = await life.hold(at(start), **more)
    await life.confirm(access, payment, contact=PLANTED, return_url="https://portal.example/x")
    return access


async def scan(database: Database) -> set[Trace]:
    return await scan_database("booking", database.owner_url, WORDS)


async def erased(life: Life) -> dict[UUID, str]:
    rows = await life.pool.fetch("SELECT appointment_id, rule FROM deletion_log ORDER BY position")
    return {row["appointment_id"]: row["rule"] for row in rows}


async def has_contact(life: Life, access: Access) -> bool:
    return bool(
        await life.pool.fetchval("SELECT count(*) FROM contact WHERE appointment_id = $1", access.appointment_id)
    )


async def test_after_the_tenants_days_no_trace_is_left(life: Life, booking_database: Database) -> None:
    visited, cancelled = await book(life), await book(life, "09:00", service=PASS)
    await cancel_appointment(life.pool, life.clock, cancelled, reason="my illness")
    lapsed, draft = await life.hold(at("10:00")), await life.hold(at("11:00"))
    await life.confirm(lapsed, "online", contact=PLANTED)
    await save_contact(life.pool, life.clock, draft, PLANTED)
    assert {trace.word for trace in await scan(booking_database)} == set(WORDS)  # it sees what is there
    life.later(hours=2)
    await expire_appointments(life.pool, life.clock)
    await erase_due(life.pool, life.clock)
    assert await erased(life) == {}
    life.later(days=1)
    await erase_due(life.pool, life.clock)
    assert await erased(life) == {draft.appointment_id: "draft"}
    life.later(days=6)  # a week after what was cancelled or lapsed, not yet after the visit
    await erase_due(life.pool, life.clock)
    assert (await erased(life))[cancelled.appointment_id] == (await erased(life))[lapsed.appointment_id] == "ended"
    assert await has_contact(life, visited)
    life.later(days=2)
    await erase_due(life.pool, life.clock)
    assert (await erased(life))[visited.appointment_id] == "retention"
    assert await scan(booking_database) == set()
    assert (await life.view(visited)).number  # the visit itself stays, for the statistics
    assert len(await erased(life)) == 4
    await erase_due(life.pool, life.clock)
    assert len(await erased(life)) == 4


async def test_each_tenant_keeps_as_long_as_it_says(life: Life) -> None:
    """To the minute at its own midnight, also in the night in which the clocks go back."""
    for slug, days in (("kurz", 2), ("lang", 10)):
        files = sample.files(slug=slug)
        profile = msgspec.structs.replace(files.tenants[0], retention_days=days)
        await configure(life.pool, files._replace(tenants=[profile]), life.clock)
    visited = {slug: await book_at(life, slug) for slug in (TENANT, "kurz", "lang")}
    for now, gone in (
        ("2026-11-26T23:59:59", []),
        ("2026-11-27T00:00:00", ["kurz"]),
        ("2026-12-01T23:59:59", ["kurz"]),
        ("2026-12-02T00:00:00", ["kurz", TENANT]),
        ("2026-12-05T00:00:00", ["kurz", TENANT, "lang"]),
    ):
        day, _, time = now.partition("T")
        life.clock.now = at(time, day)
        await erase_due(life.pool, life.clock)
        assert list(await erased(life)) == [visited[slug] for slug in gone], now


async def book_at(life: Life, tenant: str) -> UUID:
    """Written as a row: what matters is when it is forgotten."""
    lane = await life.pool.fetchrow("SELECT l.id, l.location_id FROM lane l WHERE tenant = $1 LIMIT 1", tenant)
    assert lane
    id_ = uuid4()
    await life.pool.execute(
        "INSERT INTO appointment (id, tenant, number, state, location_id, unit_id, lane_id, starts_at, ends_at,"
        " time_zone, fee_kind, payment_policy, citizen_uid, held_at, created_at, updated_at)"
        " VALUES ($1, $2, $3, 'confirmed', $4, $1, $5, $6, $7, 'Europe/Berlin', 'none', 'none', $1, $8, $8, $8)",
        id_,
        tenant,
        str(id_)[:9],
        lane["location_id"],
        lane["id"],
        at("08:00"),
        at("08:15"),
        life.clock(),
    )
    await life.pool.execute(
        "INSERT INTO contact (appointment_id, tenant, given_name, family_name, email, language, bound_at)"
        " VALUES ($1, $2, 'a', 'b', 'c@d.example', 'de', $3)",
        id_,
        tenant,
        life.clock(),
    )
    return id_


async def test_a_citizen_is_forgotten_at_once_when_it_is_over(life: Life, booking_database: Database) -> None:
    access = await book(life)
    await cancel_appointment(life.pool, life.clock, access, reason="my illness")
    done = await erase_appointment(life.pool, life.clock, access, CITIZEN)
    assert done == Erasure(was_cancelled=False, at=life.clock())
    assert await scan(booking_database) == set()
    assert (await life.events(access))[-1] == "erased"
    await erase_appointment(life.pool, life.clock, access, CITIZEN)  # a second time changes nothing
    assert len(await erased(life)) == 1
    await life.check()


async def test_what_takes_place_is_cancelled_first_and_the_clerk_is_told(
    life: Life, booking_database: Database
) -> None:
    access = await book(life, payment="online", service=PERSO)
    await life.pay(access)
    assert (await erase_appointment(life.pool, life.clock, access, CITIZEN)).was_cancelled
    assert (await life.events(access))[-2:] == ["cancelled", "erased"]
    assert (await life.commands(access))[-1] == ("refund", None)
    assert await scan(booking_database) == set()
    letter = await write_letter(life.pool, LINKS, life.clock, access.appointment_id)
    assert (letter.citizen.name, letter.citizen.email, letter.citizen.phone, letter.manage_url) == ("", None, None, "")
    assert [(clerk.live, clerk.calendar.sequence) for clerk in letter.clerks] == [(False, 1)]
    assert await life.pool.fetchval("SELECT count(*) FROM access_grant") == 0
    await life.check()
    assert await life.hold(at("08:00"))  # the time is free for others


async def test_a_visit_that_is_over_needs_no_letter(life: Life) -> None:
    access = await book(life, service=MARRIAGE)
    life.clock.now = at("13:00")
    assert not (await erase_appointment(life.pool, life.clock, access, CITIZEN)).was_cancelled
    assert (await life.view(access)).state == "confirmed"
    with pytest.raises(NotFound):
        await write_letter(life.pool, LINKS, life.clock, access.appointment_id)


async def test_who_sits_before_the_clerk_is_not_forgotten(life: Life) -> None:
    access = await book(life)
    await life.pool.execute("UPDATE appointment SET state = 'in_service'")
    with pytest.raises(Conflict):
        await erase_appointment(life.pool, life.clock, access, CITIZEN)
    assert await has_contact(life, access)


async def test_an_offer_of_another_time_is_declined_first(life: Life) -> None:
    access = await book(life, payment="online")
    await life.pay(access)
    await life.pool.execute(
        "UPDATE appointment SET state = 'cancelled_by_office', rebook_until = $1", at("08:00", "2026-12-24")
    )
    await erase_appointment(life.pool, life.clock, access, CITIZEN)
    assert (await life.commands(access))[-1] == ("refund", None)


async def test_a_late_payment_brings_nobody_back(life: Life) -> None:
    access = await book(life, payment="online")
    view = await life.view(access)
    assert view.payment.id
    life.later(minutes=40)
    await expire_appointments(life.pool, life.clock)
    await erase_appointment(life.pool, life.clock, access, CITIZEN)
    await life.hear(life.payment.change(view.payment.id, state="authorised"))
    assert (await life.view(access)).state == "expired"
    assert (await life.commands(access))[-1] == ("cancel", None)


async def test_erasing_twice_at_once_is_once(life: Life) -> None:
    access = await book(life)
    await asyncio.gather(*(erase_appointment(life.pool, life.clock, access, CITIZEN) for _ in range(8)))
    assert len(await erased(life)) == 1
    await life.check()


# --- the calls ------------------------------------------------------------------------------------------------


async def hold_by_api(client: AsyncTestClient[Litestar], start: str = "08:00") -> Any:
    body = {"items": [{"service_id": str(service_id(PERSO))}], "start": at(start).isoformat()}
    answer = await client.post(
        f"/v1/tenants/{TENANT}/appointments", json=body, headers={"Idempotency-Key": str(uuid4())}
    )
    held = answer.json()
    headers = {"Authorization": f"Bearer {held['access_token']}", "Idempotency-Key": "confirm"}
    contact = {"contact": msgspec.to_builtins(PLANTED), "payment": "counter"}
    await client.post(f"/v1/appointments/{held['id']}/confirmation", json=contact, headers=headers)
    return held


async def erase_by_api(client: AsyncTestClient[Litestar], held: Any, key: str = "erase", token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token or held['access_token']}", "Idempotency-Key": key}
    return await client.post(f"/v1/appointments/{held['id']}/erasure", headers=headers)


async def test_the_same_request_again_is_answered_though_the_link_is_gone(
    client: AsyncTestClient[Litestar], life: Life, booking_database: Database
) -> None:
    held = await hold_by_api(client)
    answers = [await erase_by_api(client, held) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert (answers[0].json()["id"], answers[0].json()["was_cancelled"]) == (held["id"], True)
    assert (await erase_by_api(client, held, key="another")).status_code == 401
    shown = await client.get(
        f"/v1/appointments/{held['id']}", headers={"Authorization": f"Bearer {held['access_token']}"}
    )
    assert shown.status_code == 401
    assert (await erase_by_api(client, held, token="x.y")).status_code == 401
    other = await hold_by_api(client, "09:00")
    foreign = await erase_by_api(client, other, token=(await hold_by_api(client, "10:00"))["access_token"])
    assert foreign.status_code == 404
    words = [word for word in WORDS if word != "portal.example"]
    assert {trace.where for trace in await scan_database("booking", booking_database.owner_url, words)} <= {
        f"booking.contact.{column}"
        for column in ("given_name", "family_name", "organisation", "email", "phone", "name_key")
    }


async def test_the_log_is_an_administrators_and_names_nobody(client: AsyncTestClient[Litestar], life: Life) -> None:
    held = await hold_by_api(client)
    path = f"/v1/staff/appointments/{held['id']}/erasure"
    for role in ("clerk", "lead"):
        assert (await client.post(path, headers=staff(role))).status_code == 403
        assert (await client.get("/v1/staff/deletions", headers=staff(role))).status_code == 403
    assert (await client.post(path, headers=staff("admin", tenant="elsewhere"))).status_code == 404
    done = [await client.post(path, headers=staff("admin", key="same")) for _ in range(2)]
    assert [answer.json() for answer in done] == [done[0].json()] * 2
    assert done[0].json()["at"] == "2026-11-23T08:00:00+01:00"
    (entry,) = (await client.get("/v1/staff/deletions", headers=staff("admin"))).json()["items"]
    assert (entry["appointment_id"], entry["rule"], entry["actor"]) == (held["id"], "request", "staff:eva.schmitz")
    assert entry["counts"] == {"contact": 1, "access_grant": 1, "idempotent_answer": 1}
    await configure(life.pool, sample.files(slug="elsewhere"), life.clock)
    foreign = await client.get("/v1/staff/deletions", headers=staff("admin", tenant="elsewhere"))
    assert foreign.json()["items"] == []
    one = await client.get("/v1/staff/deletions", params={"appointment": str(uuid4())}, headers=staff("admin"))
    assert one.json()["items"] == []


async def test_the_log_cannot_be_changed_by_who_writes_it(life: Life) -> None:
    await erase_appointment(life.pool, life.clock, await book(life), CITIZEN)
    for statement in ("UPDATE deletion_log SET rule = 'draft'", "DELETE FROM deletion_log"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await life.pool.execute(statement)
