"""A clerk says no: the letter that notify asks for names the task while it is open, if a deputy owns it."""

import pytest
from tests.booking.support.answers import a_refusal, hear, make_deputy
from tests.booking.support.desk import Desk
from tests.booking.support.office import Office

from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.view_appointment import Access
from booking.usecases.write_letter import Links, write_letter
from contracts.booking import ReassignTask

TOLD = "reassign_task"


async def task_in_letter(desk: Desk, access: Access) -> ReassignTask | None:
    links = Links(public_url="http://booking.test", key="k")
    return (await write_letter(desk.life.pool, links, desk.clock, access.appointment_id)).reassign_task


async def refused(desk: Desk, office: Office) -> Access:
    access = await office.visit(0)
    assert await task_in_letter(desk, access) is None
    await hear(desk.life, await a_refusal(desk.life, access))
    return access


@pytest.fixture
async def asked(desk: Desk, office: Office) -> Access:
    """A visit of the first clerk, who cannot come; the second one is the deputy."""
    await make_deputy(desk.life, await office.clerk(0), await office.clerk(1))
    return await refused(desk, office)


async def test_the_deputy_is_named_with_the_address_that_booking_knows(
    desk: Desk, office: Office, asked: Access
) -> None:
    task = await task_in_letter(desk, asked)
    assert task
    email = await desk.life.pool.fetchval("SELECT email FROM clerk WHERE id = $1", await office.clerk(1))
    assert (task.clerk, task.owner, task.email) == ("Clerk 0", "Clerk 1", email)
    (listed,) = (await desk.get("/reassign-tasks")).json()["items"]
    assert str(task.id) == listed["id"]
    assert await desk.life.told(asked) == [TOLD]
    await hear(desk.life, await a_refusal(desk.life, asked))
    assert await desk.life.told(asked) == [TOLD], "told twice, it is one task"


async def test_of_the_leads_nobody_knows_an_address(desk: Desk, office: Office) -> None:
    access = await refused(desk, office)
    assert await task_in_letter(desk, access) is None


async def test_who_left_is_not_written_to(desk: Desk, office: Office, asked: Access) -> None:
    await desk.life.pool.execute("UPDATE clerk SET retired_at = now() WHERE id = $1", await office.clerk(1))
    assert await task_in_letter(desk, asked) is None


async def test_a_clerk_who_comes_after_all_is_told_once(desk: Desk, asked: Access) -> None:
    task = await task_in_letter(desk, asked)
    assert task
    for _ in range(2):
        assert (await desk.post(f"/reassign-tasks/{task.id}/closure")).status_code == 204
    assert await task_in_letter(desk, asked) is None
    assert await desk.life.told(asked) == [TOLD, TOLD]
    desk.clock.advance(hours=1)
    await hear(desk.life, await a_refusal(desk.life, asked))
    again = await task_in_letter(desk, asked)
    assert again
    assert (again.id, again.asked_at > task.asked_at) == (task.id, True)


async def test_one_that_is_seen_to_is_not_in_the_letter(desk: Desk, office: Office, asked: Access) -> None:
    answer = await desk.do(asked, "reassignment", {"clerk_id": str(await office.clerk(1))})
    assert answer.status_code == 200
    assert await task_in_letter(desk, asked) is None
    other = await office.visit(0, "09:00")
    await hear(desk.life, await a_refusal(desk.life, other))
    assert await task_in_letter(desk, other)
    await cancel_appointment(desk.life.pool, desk.clock, other)
    assert await task_in_letter(desk, other) is None
