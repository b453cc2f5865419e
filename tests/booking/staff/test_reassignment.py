"""Another clerk at the same time: never two, never none, and the calendars follow."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from tests.booking.sample import MARRIAGE, TENANT
from tests.booking.support.desk import Desk
from tests.booking.support.life import at

from booking.domain.configuration import id_for
from booking.usecases.view_appointment import Access


def clerk_id(name: str) -> UUID:
    return id_for(TENANT, "clerk", name)


async def confirmed(desk: Desk, time: str = "08:00", clerk: str | None = None, **more: Any) -> Access:
    """With `clerk`, where all are free."""
    access = await desk.life.booked(time, **more)
    if clerk:
        answer = await hand(desk, access, clerk)
        assert answer.status_code == 200, answer.text
    return access


async def hand(desk: Desk, access: Access, clerk: str) -> Any:
    return await desk.do(access, "reassignment", {"clerk_id": str(clerk_id(clerk))})


async def test_the_calendars_follow_the_visit(desk: Desk) -> None:
    access = await confirmed(desk)
    first = (await desk.life.clerks_entries(access))[0][0]
    second = "Clerk 1" if first == "Clerk 0" else "Clerk 0"
    answer = await hand(desk, access, second)
    assert answer.json()["clerk"]["display_name"] == second
    assert await desk.life.clerks_entries(access) == [(first, 1, False), (second, 0, True)]
    assert (await desk.life.events(access))[-1] == "reassigned"
    await hand(desk, access, first)  # and back: a new entry, since the old one was called off
    assert await desk.life.clerks_entries(access) == [(first, 1, False), (second, 1, False), (first, 0, True)]
    await desk.life.check()


async def test_the_citizens_entry_follows_to_another_room_only(desk: Desk) -> None:
    """Each clerk has a counter; Clerk 1 shares that of Clerk 0."""
    access = await confirmed(desk, clerk="Clerk 0")
    await desk.life.pool.execute(
        "UPDATE lane SET room = 'Schalter 0' FROM clerk WHERE clerk.id = clerk_id AND display_name = 'Clerk 1'"
    )
    sequences = []
    for clerk in ("Clerk 0", "Clerk 1", "Clerk 2"):
        await hand(desk, access, clerk)
        sequences.append(await desk.life.pool.fetchval("SELECT citizen_sequence FROM appointment"))
    assert sequences[0] == sequences[1] == sequences[2] - 1
    assert (await desk.life.view(access)).location.room == "Schalter 2"


async def test_to_the_same_clerk_nothing_happens(desk: Desk) -> None:
    access = await confirmed(desk, clerk="Clerk 0")
    before = (await desk.get(f"/appointments/{access.appointment_id}")).json()
    assert (await hand(desk, access, "Clerk 0")).json() == before


async def test_a_clerk_who_is_taken_is_not_free(desk: Desk) -> None:
    one, other = await confirmed(desk, clerk="Clerk 0"), await confirmed(desk, clerk="Clerk 1")
    answer = await hand(desk, one, "Clerk 1")
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    assert {(await desk.life.view(access)).clerk.display_name for access in (one, other)} == {"Clerk 0", "Clerk 1"}
    await desk.life.check()


async def test_a_reservation_that_lapsed_does_not_stand_in_the_way(desk: Desk) -> None:
    access = await confirmed(desk)
    for _ in range(2):
        await desk.life.hold(at("08:00"))
    desk.life.later(minutes=16)
    for clerk in ("Clerk 0", "Clerk 1", "Clerk 2"):
        assert (await hand(desk, access, clerk)).status_code == 200
    await desk.life.check()


@pytest.mark.parametrize("name", ["Registrar", "Nobody"])
async def test_only_to_who_serves_these_services_there(desk: Desk, name: str) -> None:
    access = await confirmed(desk)
    answer = await hand(desk, access, name)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "clerk_id")


async def test_who_waits_already_is_handed_over_and_who_is_served_is_not(desk: Desk) -> None:
    access = await confirmed(desk, "10:00", clerk="Clerk 0")
    desk.clock.now = at("09:55")
    await desk.do(access, "check-in")
    answer = await hand(desk, access, "Clerk 1")
    assert (answer.json()["state"], answer.json()["clerk"]["display_name"]) == ("checked_in", "Clerk 1")
    await desk.do(access, "call")
    assert (await hand(desk, access, "Clerk 2")).status_code == 409
    await desk.life.check()


async def test_a_visit_with_a_buffer_takes_it_along(desk: Desk) -> None:
    await desk.life.pool.execute("UPDATE offering SET buffer_min = 10")
    await desk.life.pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    access = await confirmed(desk, clerk="Clerk 0")
    await hand(desk, access, "Clerk 1")
    minutes = await desk.life.pool.fetchval(
        "SELECT extract(epoch FROM upper(during) - lower(during))::int / 60 FROM occupation"
    )
    assert minutes == 25
    await desk.life.check()


async def test_many_hands_at_once_never_put_two_visits_on_one_clerk(desk: Desk) -> None:
    accesses = [await confirmed(desk, time) for time in ("08:00", "08:00", "09:00", "09:00")]
    clerks = ("Clerk 0", "Clerk 1", "Clerk 2")
    answers = await asyncio.gather(*(hand(desk, access, clerk) for access in accesses for clerk in clerks))
    assert {answer.status_code for answer in answers} <= {200, 409}
    await desk.life.check()
    for access in accesses:
        assert [live for _, _, live in await desk.life.clerks_entries(access)].count(True) == 1


async def test_a_marriage_has_one_registrar_only(desk: Desk) -> None:
    access = await confirmed(desk, service=MARRIAGE)
    assert (await hand(desk, access, "Clerk 0")).status_code == 400
