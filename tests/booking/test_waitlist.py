"""The line of who would come earlier: a freed slot is offered to one after the other, and public at last."""

from datetime import time, timedelta

import pytest
from tests.booking.sample import MARRIAGE
from tests.booking.support.callers import Callers, code_of
from tests.booking.support.life import Life, at
from tests.booking.support.office import BY_PHONE
from tests.booking.support.waitlist import THURSDAY, accept, leave, offer, offered, wait_longer, waiting

from booking.domain.errors import Conflict, Gone, Invalid, TooLate
from booking.domain.waitlist import Wishes
from booking.usecases.decline_earlier import decline_earlier
from booking.usecases.join_waitlist import join_waitlist


async def test_a_freed_slot_is_never_public_before_it_is_offered(life: Life) -> None:
    access = await waiting(life)
    await leave(life, "09:00")
    assert "09:00" not in await life.free_times(MARRIAGE)
    assert await offer(life) == 1
    assert await offered(life, access) == "09:00"
    assert "09:00" not in await life.free_times(MARRIAGE)
    assert (await life.events(access))[-1] == "earlier_offered"
    assert await offer(life) == 0
    await life.check()


async def test_it_is_public_at_once_where_nobody_waits(life: Life) -> None:
    await waiting(life, "08:00", "2026-11-24")
    await leave(life, "09:00")
    assert "09:00" in await life.free_times(MARRIAGE)
    assert await life.pool.fetchval("SELECT count(*) FROM freed_slot") == 0


async def test_what_the_one_leaves_is_offered_to_the_next(life: Life) -> None:
    first, second = await waiting(life, "10:00"), await waiting(life, "11:00")
    await leave(life, "09:00")
    await offer(life)
    await accept(life, first)
    await offer(life)
    assert await offered(life, second) == "10:00"
    assert (await accept(life, second)).start == at("10:00", THURSDAY)
    await life.check()


async def test_who_has_waited_longest_is_asked_first_and_then_the_next(life: Life) -> None:
    late, early = await waiting(life, "10:00"), await waiting(life, "11:00")
    await wait_longer(life, early)
    await leave(life, "09:00")
    await offer(life)
    assert (await offered(life, early), await offered(life, late)) == ("09:00", None)
    await decline_earlier(life.pool, life.clock, early)
    await offer(life)
    assert (await offered(life, early), await offered(life, late)) == (None, "09:00")
    await leave(life, "08:00")
    await offer(life)
    assert await offered(life, early) == "08:00", "who declined stays in the line, and late has an offer already"


async def test_who_was_asked_less_often_goes_first(life: Life) -> None:
    picky, new = await waiting(life, "10:00"), await waiting(life, "11:00")
    await wait_longer(life, picky)
    await leave(life, "09:00")
    await offer(life)
    await decline_earlier(life.pool, life.clock, picky)
    await offer(life)
    await decline_earlier(life.pool, life.clock, new)
    await offer(life)
    assert "09:00" in await life.free_times(MARRIAGE), "nobody is left to ask"
    third = await waiting(life, "11:30")
    await leave(life, "08:00")
    await offer(life)
    assert await offered(life, third) == "08:00"


async def test_an_offer_lapses_and_goes_on_to_the_next(life: Life) -> None:
    first, second = await waiting(life, "10:00"), await waiting(life, "11:00")
    await leave(life, "09:00")
    await offer(life)
    life.later(minutes=60)
    with pytest.raises(Gone):
        await accept(life, first)
    assert "09:00" not in await life.free_times(MARRIAGE), "it is held for the worker to offer on"
    await offer(life)
    assert (await offered(life, first), await offered(life, second)) == (None, "09:00")
    await life.check()


async def test_without_a_worker_it_is_everybodys_a_minute_later(life: Life) -> None:
    access = await waiting(life)
    await leave(life, "09:00")
    await offer(life)
    life.later(minutes=61)
    assert "09:00" in await life.free_times(MARRIAGE)
    await offer(life)
    assert await offered(life, access) is None
    assert await life.pool.fetchval("SELECT outcome FROM earlier_offer") == "lapsed"
    assert await life.pool.fetchval("SELECT count(*) FROM freed_slot") == 0
    assert await life.pool.fetchval("SELECT count(*) FROM outbox WHERE subject = 'booking.appointment.expired'") == 0
    await life.check()


async def test_a_tenant_may_let_slots_come_back_at_a_moment_nobody_knows(life: Life) -> None:
    sql = "UPDATE tenant SET profile = profile || jsonb_build_object('freed_after_min', 10)"
    await life.pool.execute(sql)
    moments = set()
    for time_ in ("08:00", "08:30", "09:00", "09:30"):
        await leave(life, time_)
        assert time_ not in await life.free_times(MARRIAGE)
        moments.add(await life.pool.fetchval("SELECT public_at FROM freed_slot ORDER BY held_id DESC LIMIT 1"))
    assert len(moments) == 4
    assert life.clock() + timedelta(minutes=1) <= min(moments)
    assert max(moments) <= life.clock() + timedelta(minutes=10)
    await life.check()
    life.clock.now = max(moments)
    assert set(await life.free_times(MARRIAGE)) >= {"08:00", "08:30", "09:00", "09:30"}
    await life.check()


async def test_a_slot_that_nobody_waits_for_any_more_keeps_its_moment(life: Life) -> None:
    await life.pool.execute("UPDATE tenant SET profile = profile || jsonb_build_object('freed_after_min', 10)")
    await waiting(life, weekdays=(1,))
    await leave(life, "09:00")
    await offer(life)
    assert "09:00" not in await life.free_times(MARRIAGE)
    life.later(minutes=10)
    assert "09:00" in await life.free_times(MARRIAGE)
    await life.check()


async def test_only_who_can_be_written_to_and_told_in_time_may_wait(life: Life) -> None:
    held = await life.hold(service=MARRIAGE)
    with pytest.raises(Conflict):
        await join_waitlist(life.pool, life.clock, held, Wishes())
    by_phone = await life.hold(at("09:00"), MARRIAGE)
    await life.confirm(by_phone, contact=BY_PHONE)
    with pytest.raises(Conflict):
        await join_waitlist(life.pool, life.clock, by_phone, Wishes())
    access = await life.booked()
    for wrong in (Wishes(weekdays=(0,)), Wishes(from_time=time(10), to_time=time(10))):
        with pytest.raises(Invalid):
            await join_waitlist(life.pool, life.clock, access, wrong)
    life.later(days=3)
    with pytest.raises(TooLate):
        await join_waitlist(life.pool, life.clock, access, Wishes())


async def test_the_calls(life: Life, callers: Callers) -> None:
    access = await waiting(life)
    assert (await callers.citizen("DELETE", access, "/waitlist")).status_code == 204
    assert code_of(await callers.citizen("GET", access, "/waitlist")) == (404, "not_found")
    wish = {"days": [3, 1], "from_time": "08:00", "to_time": "12:00", "not_before": "2026-11-24"}
    answer = await callers.citizen("PUT", access, "/waitlist", wish)
    assert (answer.status_code, answer.json()) == (200, wish | {"days": [1, 3]})
    assert (await callers.citizen("GET", access, "/waitlist")).json() == wish | {"days": [1, 3]}
    for wrong in ({"days": [8]}, {"from_time": "24:00"}, {"to_time": "8"}, {"not_before": "morgen"}, {"room": 1}):
        assert code_of(await callers.citizen("PUT", access, "/waitlist", wrong)) == (400, "invalid_request")
    assert code_of(await callers.citizen("POST", access, "/earlier-offer/acceptance")) == (410, "gone")
    await leave(life, "09:00")
    await offer(life)
    assert (await callers.citizen("GET", access)).json()["earlier"]["start"] == "2026-11-25T09:00:00+01:00"
    answer = await callers.citizen("POST", access, "/earlier-offer/acceptance", key="k")
    assert (answer.status_code, answer.json()["start"]) == (200, "2026-11-25T09:00:00+01:00")
    assert (await callers.citizen("POST", access, "/earlier-offer/acceptance", key="k")).json() == answer.json()
    assert code_of(await callers.citizen("POST", access, "/earlier-offer/refusal")) == (410, "gone")
