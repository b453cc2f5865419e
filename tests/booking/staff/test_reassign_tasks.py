"""A clerk says no: a task with an owner and a deadline, once, and only while it is of use."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.booking.sample import TENANT
from tests.booking.support.answers import a_bounce, a_refusal, hear, make_deputy
from tests.booking.support.desk import Desk
from tests.booking.support.life import ERIKA, at
from tests.booking.support.office import Office

from booking.domain.reassigning import deadline
from booking.store.contacts import save_contact
from booking.usecases.apply_mail_event import apply_mail_event
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.view_appointment import Access


async def tasks(desk: Desk, state: str = "open", role: str = "lead", **query: Any) -> list[dict[str, Any]]:
    answer = await desk.get("/reassign-tasks", desk.token(role), state=state, **query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def flags(desk: Desk, access: Access) -> list[str]:
    """But for the fee, which is due at the counter."""
    found: list[str] = (await desk.get(f"/appointments/{access.appointment_id}")).json()["flags"]
    return [flag for flag in found if flag != "fee_due"]


async def history(desk: Desk, access: Access) -> list[tuple[str, str]]:
    found = (await desk.get(f"/appointments/{access.appointment_id}")).json()["history"]
    return [(entry["action"], entry["actor"]) for entry in found]


async def refused(desk: Desk, office: Office, **changes: Any) -> Access:
    access = await office.visit(0)
    await hear(desk.life, await a_refusal(desk.life, access, **changes))
    return access


async def test_a_refusal_becomes_a_task_of_the_leads(desk: Desk, office: Office) -> None:
    access = await refused(desk, office, answer="countered")
    (task,) = await tasks(desk)
    assert (task["appointment_id"], task["clerk"], task["answer"]) == (
        str(access.appointment_id),
        "Clerk 0",
        "countered",
    )
    assert (task["owner_id"], task["owner"]) == (None, "Bürgerbüro")
    assert task["due_at"] == (desk.clock() + timedelta(hours=24)).astimezone(at("08:00").tzinfo).isoformat()
    assert "clerk_refused" in await flags(desk, access)
    assert (await history(desk, access))[-1] == ("note_refusal", "staff:anna.claessen")
    assert (await desk.life.told(access), await office.clerk_of(access)) == (["reassign_task"], "Clerk 0")
    await desk.life.check()


async def test_the_deputy_owns_it_unless_away(desk: Desk, office: Office) -> None:
    await make_deputy(desk.life, await office.clerk(0), await office.clerk(1))
    await refused(desk, office)
    assert [task["owner"] for task in await tasks(desk)] == ["Clerk 1"]
    mine = await desk.get("/reassign-tasks", desk.token("clerk", subject="bernd.lennartz"), owner="me")
    assert len(mine.json()["items"]) == 1
    assert await tasks(desk, owner=str(await office.clerk(0))) == []
    await desk.life.pool.execute(
        "INSERT INTO absence (id, tenant, clerk_id, starts_at, ends_at, created_by, created_at)"
        " VALUES ($1, $2, $3, $4, $5, 'lea', $4)",
        uuid4(), TENANT, await office.clerk(1), desk.clock(), desk.clock() + timedelta(hours=1),
    )  # fmt: skip
    access = await office.visit(0, "09:00")
    await hear(desk.life, await a_refusal(desk.life, access))
    assert [task["owner"] for task in await tasks(desk)] == ["Clerk 1", "Bürgerbüro"]


async def test_told_twice_it_is_one_task(desk: Desk, office: Office) -> None:
    access = await refused(desk, office)
    await hear(desk.life, await a_refusal(desk.life, access))
    assert len(await tasks(desk)) == 1
    assert [action for action, _ in await history(desk, access)].count("note_refusal") == 1


async def test_another_clerk_ends_it(desk: Desk, office: Office) -> None:
    access = await refused(desk, office)
    answer = await desk.do(access, "reassignment", {"clerk_id": str(await office.clerk(1))})
    assert answer.status_code == 200
    assert "clerk_refused" not in await flags(desk, access)
    done_at = desk.clock()
    desk.clock.advance(minutes=5)
    assert await tasks(desk) == []
    (closed,) = await tasks(desk, "closed")
    assert (closed["outcome"], closed["closed_by"]) == ("reassigned", (await history(desk, access))[-1][1])
    assert closed["closed_by"].startswith("staff:")
    assert datetime.fromisoformat(closed["closed_at"]) == done_at, "when it was done, not when somebody looked"


async def test_a_visit_that_is_moved_called_off_or_begun_needs_nobody(desk: Desk, office: Office) -> None:
    moved, cancelled, begun = (
        await refused(desk, office),
        await office.visit(0, "09:00"),
        await office.visit(0, "10:00"),
    )
    for access in (cancelled, begun):
        await hear(desk.life, await a_refusal(desk.life, access))
    assert len(await tasks(desk)) == 3
    await desk.life.pool.execute("UPDATE assignment SET sequence = 1 WHERE appointment_id = $1", moved.appointment_id)
    await cancel_appointment(desk.life.pool, desk.clock, cancelled)
    desk.life.clock.now = at("10:00")
    assert await tasks(desk) == []
    closed = await tasks(desk, "all")
    assert [task["outcome"] for task in closed] == ["moot"] * 3
    assert {task["appointment_id"]: task["closed_by"] for task in closed} == {
        str(moved.appointment_id): "clock",
        str(cancelled.appointment_id): "citizen",
        str(begun.appointment_id): "clock",
    }


async def test_what_was_said_of_another_revision_or_too_late_makes_no_task(desk: Desk, office: Office) -> None:
    access = await office.visit(0)
    refusal = await a_refusal(desk.life, access)
    await hear(desk.life, await a_refusal(desk.life, access, sequence=7))
    await hear(desk.life, await a_refusal(desk.life, access, calendar_uid=f"{uuid4()}@musterstadt.example"))
    await hear(desk.life, await a_refusal(desk.life, access, calendar_uid="nonsense"))
    desk.life.clock.now = at("08:00")
    await hear(desk.life, refusal)
    assert await tasks(desk, "all") == []


async def test_who_comes_after_all_keeps_the_visit(desk: Desk, office: Office) -> None:
    access = await refused(desk, office)
    (task,) = await tasks(desk)
    for _ in range(2):
        assert (await desk.post(f"/reassign-tasks/{task['id']}/closure")).status_code == 204
    (closed,) = await tasks(desk, "closed")
    assert (closed["outcome"], closed["closed_by"]) == ("kept", "staff:anna.claessen")
    assert await flags(desk, access) == []


async def test_a_no_after_the_visit_was_kept_is_a_new_one(desk: Desk, office: Office) -> None:
    access = await refused(desk, office)
    (first,) = await tasks(desk)
    await desk.post(f"/reassign-tasks/{first['id']}/closure")
    await make_deputy(desk.life, await office.clerk(0), await office.clerk(1))
    desk.clock.advance(hours=24)
    for _ in range(2):
        await hear(desk.life, await a_refusal(desk.life, access, answer="delegated"))
    (task,) = await tasks(desk)
    assert (task["answer"], task["owner"], task["outcome"]) == ("delegated", "Clerk 1", None)
    assert task["due_at"] > first["due_at"]
    assert task["created_at"] > first["created_at"]
    assert "clerk_refused" in await flags(desk, access)
    assert [action for action, _ in await history(desk, access)].count("note_refusal") == 2


async def test_the_list_is_given_page_by_page(desk: Desk, office: Office) -> None:
    for minute in range(0, 60, 15):
        access = await office.visit(0, f"08:{minute:02}")
        await hear(desk.life, await a_refusal(desk.life, access))
    await desk.life.pool.execute(
        "INSERT INTO reassign_task (id, tenant, appointment_id, assignment_id, sequence, answer, due_at, created_at)"
        " SELECT gen_random_uuid(), tenant, appointment_id, assignment_id, -n, answer,"
        " due_at - n * interval '1 minute', created_at FROM reassign_task, generate_series(1, 12) AS n"
    )
    await desk.life.pool.execute("UPDATE assignment SET sequence = 1")  # closed by the first look, and listed as closed
    seen: list[str] = []
    cursor = None
    for size in (50, 2):
        answer = (await desk.get("/reassign-tasks", state="closed", **({"cursor": cursor} if cursor else {}))).json()
        assert len(answer["items"]) == size
        seen += [task["id"] for task in answer["items"]]
        cursor = answer["next_cursor"]
    assert (len(set(seen)), cursor) == (52, None)


async def test_who_may(desk: Desk, office: Office) -> None:
    await refused(desk, office)
    (task,) = await tasks(desk, role="clerk")
    closure = f"/reassign-tasks/{task['id']}/closure"
    for token, status in ((desk.token("admin"), 403), (desk.token("lead", tenant="erkelenz"), 404)):
        assert (await desk.post(closure, token=token)).status_code == status
    assert (await desk.get("/reassign-tasks", desk.token("admin"))).status_code == 403
    assert (await desk.client.get("/v1/staff/reassign-tasks")).status_code == 401
    for query in ({"cursor": "x"}, {"cursor": "eyJkdWVfYXQiOiIyMDI2LTExLTIzVDA3OjAwOjAwIn0="}, {"owner": "nobody"}):
        assert (await desk.get("/reassign-tasks", desk.token("lead"), **query)).status_code == 400


@pytest.mark.parametrize(("hours_ahead", "hours"), [(72, 24), (25, 23), (3, 1), (2, 0), (1, 0)])
def test_the_deadline_leaves_time_before_the_visit(hours_ahead: int, hours: int) -> None:
    now = at("08:00")
    assert deadline(now + timedelta(hours=hours_ahead), now) == now + timedelta(hours=hours)


async def test_a_mail_that_came_back_says_phone_instead(desk: Desk, office: Office) -> None:
    access = await office.visit(0)
    for type_ in ("notify.delivery.failed", "notify.delivery.bounced"):
        await hear(desk.life, a_bounce(access, type=type_))
    assert await flags(desk, access) == ["mail_failed"]
    listed = (await desk.get("/appointments", day="2026-11-25")).json()["items"]
    assert ["mail_failed" in visit["flags"] for visit in listed] == [True]
    assert [entry for entry in await history(desk, access) if entry[0] == "note_mail_failure"] == [
        ("note_mail_failure", "notify")
    ]
    await desk.life.check()


@pytest.mark.parametrize(("email", "expected"), [(ERIKA.email, ["mail_failed"]), ("erika@new.example", [])])
async def test_it_goes_with_the_address(desk: Desk, office: Office, email: str, expected: list[str]) -> None:
    access = await office.visit(0)
    await hear(desk.life, a_bounce(access))
    async with desk.life.pool.acquire() as connection:
        person = msgspec.structs.replace(ERIKA, email=email)
        await save_contact(connection, TENANT, access.appointment_id, person, None)
    assert await flags(desk, access) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"audience": "clerk"},
        {"kind": "activation"},
        {"appointment_id": None},
        {"tenant": "erkelenz"},
        {"type": "notify.delivery.accepted"},
    ],
)
async def test_a_mail_to_somebody_else_says_nothing_of_the_citizen(
    desk: Desk, office: Office, changes: dict[str, Any]
) -> None:
    access = await office.visit(0)
    await hear(desk.life, a_bounce(access, **changes))
    assert await flags(desk, access) == []


async def test_of_a_newer_notify_what_is_not_understood_is_left(desk: Desk) -> None:
    async with desk.life.pool.acquire() as connection:
        for subject in ("notify.delivery.bounced", "notify.clerk_declined", "notify.clerk_danced"):
            await apply_mail_event(connection, desk.clock, subject, b'{"id": 1}')
