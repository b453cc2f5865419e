"""What the staff, the waitlist and an invitation may hold that a citizen may not."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.booking.sample import TENANT
from tests.booking.support.life import Life, at

from booking.domain.appointment import By
from booking.domain.errors import Conflict, Invalid, SlotTaken
from booking.domain.hold import HoldOptions
from booking.domain.slots import Span, span_bits
from booking.domain.visit_plan import VisitPlan
from booking.store.bits import to_bit
from booking.usecases.expire_appointments import expire_appointments
from booking.usecases.find_times import find_times
from booking.usecases.hold_slot import HeldAppointment, Request, hold_slot
from kit.ids import uuid7

STAFF = HoldOptions(by=By("staff", "s-1"), booked_via="phone", internal=True, any_time=True)


async def plan(life: Life, **more: Any) -> VisitPlan:
    (found,) = await life.plans()
    return msgspec.structs.replace(found, **more)


async def hold(
    life: Life, start: datetime, options: HoldOptions, key: str | None = None, **more: Any
) -> HeldAppointment:
    catalogue = await life.catalogues.get(TENANT)
    request = Request(start, key or str(uuid7()), b"", options)
    return await hold_slot(life.pool, catalogue, [await plan(life, **more)], request, life.clock())


async def give_public(life: Life, first: int, last: int) -> None:
    """Only these steps are the public's."""
    await life.pool.execute("UPDATE day_mask SET public = $1", to_bit(span_bits(Span(first, last))))


async def test_the_public_books_its_quota_and_the_staff_all(life: Life) -> None:
    await give_public(life, 96, 120)  # until 10:00
    days = [at("08:00").date()]
    plans = [await plan(life)]
    public = await find_times(life.pool, TENANT, plans, days, life.clock())
    internal = await find_times(life.pool, TENANT, plans, days, life.clock(), internal=True)
    assert (public.days[0].times[-1], internal.days[0].times[-1]) == ("09:45", "11:45")
    with pytest.raises(Invalid, match="opening hours"):
        await hold(life, at("10:00"), HoldOptions())
    with pytest.raises(Invalid, match="opening hours"):
        await hold(life, at("10:00"), HoldOptions(by=By("staff", "s-1")))
    assert (await hold(life, at("10:00"), STAFF)).start == at("10:00")


async def test_the_staff_book_at_once_and_beyond_the_window_but_not_in_the_past(life: Life) -> None:
    life.later(hours=1, minutes=3)  # 09:03
    today = at("09:00", "2026-11-23")
    for start in (today, at("09:10", "2026-11-23"), at("08:00", "2027-01-25")):
        with pytest.raises(Invalid):
            await hold(life, start, HoldOptions(internal=True))
        assert (await hold(life, start, STAFF)).start == start
    with pytest.raises(Invalid, match="past"):
        await hold(life, today - timedelta(minutes=5), STAFF)
    with pytest.raises(Invalid, match="begin"):
        await hold(life, at("09:07"), STAFF)
    with pytest.raises(Invalid, match="days ahead"):
        await hold(life, at("09:00", "2028-02-28"), STAFF)
    days = [today.date()]
    found = await find_times(life.pool, TENANT, [await plan(life)], days, life.clock(), any_time=True)
    assert found.days[0].times[0] == "09:00", "the step that runs now"


async def test_who_held_it_and_how_is_written_down(life: Life) -> None:
    held = await hold(life, at("08:00"), STAFF)
    row = await life.pool.fetchrow("SELECT booked_via, overbooked FROM appointment WHERE id = $1", held.id)
    assert tuple(row) == ("phone", False)
    actor = await life.pool.fetchval("SELECT actor FROM audit_event WHERE appointment_id = $1", held.id)
    assert actor == "staff:s-1"


async def test_an_offer_lasts_as_long_as_it_is_set(life: Life) -> None:
    held = await hold(life, at("08:00"), HoldOptions(by=By("clock"), lasts=timedelta(hours=2), booked_via="waitlist"))
    assert held.expires_at == life.clock() + timedelta(hours=2)
    life.later(minutes=119)
    assert await expire_appointments(life.pool, life.clock) == 0
    life.later(minutes=1)
    assert await expire_appointments(life.pool, life.clock) == 1


async def test_an_invitation_is_used_once_at_a_time(life: Life) -> None:
    options = HoldOptions(invitation_id=uuid4())
    held = await hold(life, at("08:00"), options, "key")
    assert (await hold(life, at("08:00"), options, "key")).id == held.id, "the same request again"
    with pytest.raises(Conflict, match="used already"):
        await hold(life, at("09:00"), options)
    life.later(minutes=15)
    await hold(life, at("09:00"), options)
    await life.check()


async def test_the_responsible_clerk_is_asked_first_then_the_deputy_then_the_others(life: Life) -> None:
    first, second, third = (await plan(life)).lane_ids
    options = HoldOptions()
    wish: dict[str, Any] = {"preferred": [third, first]}
    assert [(await hold(life, at("08:00"), options, **wish)).lane_id for _ in range(3)] == [third, first, second]
    only: dict[str, Any] = {"lane_ids": [second], "preferred": [third]}
    assert (await hold(life, at("09:00"), options, **only)).lane_id == second
    with pytest.raises(SlotTaken):
        await hold(life, at("09:00"), options, **only)


async def test_overbooking_stands_beside_another_visit_and_occupies_nothing(life: Life) -> None:
    lane_id = (await plan(life)).lane_ids[1]
    await hold(life, at("08:00"), STAFF, lane_ids=[lane_id])
    beside = HoldOptions(by=By("staff", "lead"), booked_via="counter", any_time=True, overbook=True)
    held = await hold(life, at("08:00"), beside, "key", lane_ids=[lane_id])
    assert held.lane_id == lane_id
    assert (await hold(life, at("08:00"), beside, "key", lane_ids=[lane_id])).id == held.id
    occupied = await life.pool.fetchval("SELECT count(*) FROM occupation WHERE lane_id = $1", lane_id)
    overbooked = await life.pool.fetchval("SELECT overbooked FROM appointment WHERE id = $1", held.id)
    assert (occupied, overbooked) == (1, True)
