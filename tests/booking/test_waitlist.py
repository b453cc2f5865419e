"""Coming earlier: a freed slot is held for whom it fits, taken in one transaction, and never lost in between."""

import asyncio
import random
from datetime import time, timedelta

import pytest
from tests.booking.sample import MARRIAGE, PERSO, TENANT, service_id
from tests.booking.support.callers import Callers, code_of
from tests.booking.support.house import House
from tests.booking.support.life import ERIKA, Life, at
from tests.booking.support.office import Office
from tests.booking.test_change import confirmed, reschedule, uid

from booking.domain.catalogue import RequestedItem, plan_visit
from booking.domain.errors import BookingError, Conflict, Gone, Invalid, TooLate
from booking.domain.responsibility_rules import ResponsibilityRule
from booking.domain.waitlist import Wishes
from booking.store.responsibility import lock_catalogue, replace_rules
from booking.usecases.accept_earlier import accept_earlier
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.decline_earlier import decline_earlier
from booking.usecases.expire_appointments import expire_appointments
from booking.usecases.find_times import find_times
from booking.usecases.join_waitlist import join_waitlist
from booking.usecases.offer_freed_slots import offer_freed_slots
from booking.usecases.view_appointment import Access, AppointmentView
from kit.ids import uuid7

THURSDAY = "2026-11-26"


async def waiting(
    life: Life, time_: str = "10:00", day: str = THURSDAY, service: str = MARRIAGE, **wishes: object
) -> Access:
    """A visit at the one registrar's, who has no second lane, with an entry on the waitlist."""
    access = await life.hold(at(time_, day), service)
    await life.confirm(access, "counter")
    await join_waitlist(life.pool, life.clock, access, Wishes(**wishes))  # type: ignore[arg-type] # a test's shorthand
    return access


async def leave(life: Life, time_: str, service: str = MARRIAGE, day: str = "2026-11-25") -> None:
    """A visit was booked there, and is cancelled."""
    access = await life.hold(at(time_, day), service)
    await life.confirm(access, "counter")
    await cancel_appointment(life.pool, life.clock, access)


async def offer(life: Life) -> int:
    return await offer_freed_slots(life.pool, life.catalogues, life.clock)


async def accept(life: Life, access: Access) -> AppointmentView:
    return await accept_earlier(life.pool, await life.catalogues.get(TENANT), life.clock, access)


async def offered(life: Life, access: Access) -> str | None:
    """The time of the open offer."""
    earlier = (await life.view(access)).earlier
    return f"{earlier.start:%H:%M}" if earlier else None


async def public_times(life: Life, day: str = "2026-11-25", service: str = MARRIAGE) -> tuple[str, ...]:
    catalogue = await life.catalogues.get(TENANT)
    plans = plan_visit(catalogue, [RequestedItem(service_id(service))])
    found = await find_times(life.pool, TENANT, plans, [at("00:00", day).date()], life.clock())
    return found.days[0].times


async def test_a_freed_slot_is_never_public_before_it_is_offered(life: Life) -> None:
    access = await waiting(life)
    await leave(life, "09:00")
    assert "09:00" not in await public_times(life)
    assert await offer(life) == 1
    assert await offered(life, access) == "09:00"
    assert "09:00" not in await public_times(life)
    assert (await life.events(access))[-1] == "earlier_offered"
    assert await offer(life) == 0
    await life.check()


async def test_it_is_public_at_once_where_nobody_waits(life: Life) -> None:
    await waiting(life, "08:00", "2026-11-24")
    await leave(life, "09:00")
    assert "09:00" in await public_times(life)
    assert await life.pool.fetchval("SELECT count(*) FROM freed_slot") == 0


async def test_taking_it_moves_the_visit_and_frees_its_former_time(life: Life) -> None:
    access = await waiting(life)
    before, entry = await life.view(access), await uid(life, access)
    await leave(life, "09:00")
    await offer(life)
    moved = await accept(life, access)
    assert (moved.start, moved.number, moved.earlier, moved.is_waiting) == (at("09:00"), before.number, None, False)
    assert await uid(life, access) == (entry[0], entry[1] + 1)
    assert (await life.events(access))[-2:] == ["earlier_offered", "moved"]
    assert "10:00" in await public_times(life, THURSDAY)
    await life.check()


async def test_the_slot_is_never_without_an_owner_while_it_changes_hands(life: Life) -> None:
    """Hundreds of looks from other connections while it is taken: each sees exactly one occupation there."""
    access = await waiting(life)
    await leave(life, "09:00")
    await offer(life)
    seen = set()

    async def look() -> None:
        for _ in range(60):
            sql = "SELECT count(*) FROM occupation WHERE during && tstzrange($1, $2)"
            seen.add(await life.pool.fetchval(sql, at("09:00"), at("09:30")))

    await asyncio.gather(accept(life, access), look(), look())
    assert seen == {1}


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
    await life.pool.execute(
        "UPDATE waitlist_entry SET created_at = created_at - interval '1 day' WHERE appointment_id = $1",
        early.appointment_id,
    )
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
    await life.pool.execute(
        "UPDATE waitlist_entry SET created_at = created_at - interval '1 day' WHERE appointment_id = $1",
        picky.appointment_id,
    )
    await leave(life, "09:00")
    await offer(life)
    await decline_earlier(life.pool, life.clock, picky)
    await offer(life)
    await decline_earlier(life.pool, life.clock, new)
    await offer(life)
    assert "09:00" in await public_times(life), "nobody is left to ask"
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
    assert "09:00" not in await public_times(life), "it is held for the worker to offer on"
    await offer(life)
    assert (await offered(life, first), await offered(life, second)) == (None, "09:00")
    await life.check()


async def test_without_a_worker_it_is_everybodys_a_minute_later(life: Life) -> None:
    access = await waiting(life)
    await leave(life, "09:00")
    await offer(life)
    life.later(minutes=61)
    assert "09:00" in await public_times(life)
    await offer(life)
    assert await offered(life, access) is None
    assert await life.pool.fetchval("SELECT outcome FROM earlier_offer") == "lapsed"
    assert await life.pool.fetchval("SELECT count(*) FROM freed_slot") == 0
    assert await life.pool.fetchval("SELECT count(*) FROM outbox WHERE subject = 'booking.appointment.expired'") == 0
    await life.check()


async def test_a_longer_visit_takes_the_free_time_beside_it(life: Life) -> None:
    """Half an hour was freed; three persons need 35 minutes, and the quarter before it is free as well."""
    for _ in range(3):
        blocked = await life.hold(at("08:00"), quantity=1)
        await life.confirm(blocked, "counter")
    access = await life.hold(at("10:00", THURSDAY), quantity=3)
    await life.confirm(access, "counter")
    await join_waitlist(life.pool, life.clock, access, Wishes(to_time=time(9)))
    await cancel_appointment(life.pool, life.clock, blocked)
    await offer(life)
    earlier = (await life.view(access)).earlier
    assert earlier
    assert (earlier.start, earlier.end) == (at("08:00"), at("08:35"))
    await life.check()
    assert (await accept(life, access)).start == at("08:00")
    await life.check()


async def test_a_visit_that_needs_a_room_is_offered_one_with_it(life: Life) -> None:
    house = House(life.pool, life.clock)
    rooms = [await house.add_resource("Trauzimmer", name) for name in ("Blau", "Rot")]
    await house.need(MARRIAGE, "Trauzimmer")
    access = await waiting(life)
    await leave(life, "09:00")
    await life.pool.execute("UPDATE day_mask SET free = 0::bit(288), open = 0::bit(288) WHERE lane_id = $1", rooms[0])
    await offer(life)
    assert await offered(life, access) == "09:00"
    await accept(life, access)
    sql = "SELECT lane_id FROM occupation WHERE appointment_id = $1 AND lower(during) = $2"
    taken = await life.pool.fetch(sql, access.appointment_id, at("09:00"))
    assert rooms[1] in [row["lane_id"] for row in taken]
    assert len(taken) == 2
    assert await life.pool.fetchval("SELECT count(*) FROM occupation") == 2


async def test_what_closed_since_the_offer_is_not_taken(life: Life) -> None:
    access = await waiting(life)
    await leave(life, "09:00")
    await offer(life)
    await life.pool.execute(
        "UPDATE day_mask SET open = 0::bit(288), free = 0::bit(288) WHERE day = $1", at("09:00").date()
    )
    with pytest.raises(Gone):
        await accept(life, access)
    assert (await life.view(access)).start == at("10:00", THURSDAY)


async def test_a_visit_to_a_clerk_whom_a_rule_names_stays_with_that_clerk(life: Life) -> None:
    office = Office(life)
    rule = ResponsibilityRule(
        id=uuid7(), name="A-K", service_ids=(service_id(PERSO),), clerk_id=await office.clerk(0)
    )  # fmt: skip
    async with life.pool.acquire() as connection, connection.transaction():
        await replace_rules(connection, TENANT, [rule])
        await lock_catalogue(connection, TENANT)
    access = await office.visit(0, "10:00", THURSDAY)
    await join_waitlist(life.pool, life.clock, access, Wishes())
    for number, freed in ((1, None), (0, "08:00")):
        left = await office.visit(number, "08:00")
        await cancel_appointment(life.pool, life.clock, left)
        await offer(life)
        assert await offered(life, access) == freed


async def test_a_slot_too_short_for_who_waits_is_everybodys(life: Life) -> None:
    access = await waiting(life, "10:00")
    clerk = await life.hold(at("08:00"))
    await life.confirm(clerk, "counter")
    await cancel_appointment(life.pool, life.clock, clerk)
    await offer(life)
    assert await offered(life, access) is None, "the registrar's visitor cannot go to the counter"
    assert await life.pool.fetchval("SELECT count(*) FROM occupation") == 1
    await life.check()


async def test_an_offer_dies_with_the_visit_and_its_slot_goes_on(life: Life) -> None:
    first, second = await waiting(life, "10:00"), await waiting(life, "11:00")
    await leave(life, "09:00")
    await offer(life)
    await cancel_appointment(life.pool, life.clock, first)
    await offer(life)
    await offer(life)
    assert await offered(life, second) in ("09:00", "10:00")
    await life.check()


async def test_who_moves_to_an_earlier_time_alone_needs_the_offer_no_more(life: Life) -> None:
    access = await waiting(life)
    await leave(life, "09:00")
    await offer(life)
    await reschedule(life, access, "08:00", "2026-11-25")
    with pytest.raises(Gone):
        await accept(life, access)
    await offer(life)
    assert "09:00" in await public_times(life)
    await life.check()


async def test_the_same_again_has_no_second_effect(life: Life) -> None:
    access = await waiting(life)
    await leave(life, "09:00")
    await offer(life)
    answers = await asyncio.gather(*(accept(life, access) for _ in range(6)))
    assert {answer.version for answer in answers} == {4}
    assert (await life.events(access)).count("moved") == 1
    await life.check()


async def test_taking_against_lapsing_is_one_or_the_other(life: Life) -> None:
    """To whoever takes it there is a millisecond left; to the worker and the sweeper it is over."""
    catalogue = await life.catalogues.get(TENANT)
    for _ in range(6):
        access = await waiting(life)
        await leave(life, "09:00")
        await offer(life)
        earlier = (await life.view(access)).earlier
        assert earlier
        last, over = earlier.expires_at - timedelta(milliseconds=1), earlier.expires_at + timedelta(minutes=1)
        moves = [
            accept_earlier(life.pool, catalogue, lambda moment=last: moment, access),
            offer_freed_slots(life.pool, life.catalogues, lambda moment=over: moment),
            expire_appointments(life.pool, lambda moment=over: moment),
        ]
        random.shuffle(moves)
        answers = await asyncio.gather(*moves, return_exceptions=True)
        assert [each for each in answers if isinstance(each, Exception) and not isinstance(each, Gone)] == []
        taken = (await life.view(access)).start == at("09:00")
        outcome = await life.pool.fetchval("SELECT outcome FROM earlier_offer ORDER BY id DESC LIMIT 1")
        assert outcome == ("taken" if taken else "lapsed")
        await life.check()
        await cancel_appointment(life.pool, life.clock, access)
        await offer(life)


async def test_taking_against_cancelling_and_declining_has_one_winner(life: Life) -> None:
    for number in range(10):
        access = await waiting(life, "10:00")
        await leave(life, "09:00")
        await offer(life)
        moves = [
            accept(life, access),
            decline_earlier(life.pool, life.clock, access)
            if number % 2
            else cancel_appointment(life.pool, life.clock, access),
            offer(life),
        ]
        random.shuffle(moves)
        answers = await asyncio.gather(*moves, return_exceptions=True)
        wrong = [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, BookingError)]
        assert wrong == []
        await life.check()
        if (await life.view(access)).state == "confirmed":
            await cancel_appointment(life.pool, life.clock, access)
        await life.pool.execute("DELETE FROM waitlist_entry")
        await offer(life)
        assert await life.pool.fetchval("SELECT count(*) FROM occupation") == 0


async def test_two_workers_offer_a_slot_once(life: Life) -> None:
    people = [await waiting(life, time_) for time_ in ("10:00", "10:30", "11:00")]
    for time_ in ("08:00", "08:30", "09:00"):
        await leave(life, time_)
    await asyncio.gather(*(offer(life) for _ in range(4)))
    await offer(life)
    assert sorted([await offered(life, access) or "" for access in people]) == ["08:00", "08:30", "09:00"]
    assert await life.pool.fetchval("SELECT count(*) FROM earlier_offer") == 3
    await life.check()


async def test_a_tenant_may_let_slots_come_back_at_a_moment_nobody_knows(life: Life) -> None:
    sql = "UPDATE tenant SET profile = profile || jsonb_build_object('freed_after_min', 10)"
    await life.pool.execute(sql)
    moments = set()
    for time_ in ("08:00", "08:30", "09:00", "09:30"):
        await leave(life, time_)
        assert time_ not in await public_times(life)
        moments.add(await life.pool.fetchval("SELECT public_at FROM freed_slot ORDER BY held_id DESC LIMIT 1"))
    assert len(moments) == 4
    assert life.clock() + timedelta(minutes=1) <= min(moments)
    assert max(moments) <= life.clock() + timedelta(minutes=10)
    await life.check()
    life.clock.now = max(moments)
    assert set(await public_times(life)) >= {"08:00", "08:30", "09:00", "09:30"}
    await life.check()


async def test_a_slot_that_nobody_waits_for_any_more_keeps_its_moment(life: Life) -> None:
    await life.pool.execute("UPDATE tenant SET profile = profile || jsonb_build_object('freed_after_min', 10)")
    await waiting(life, weekdays=(1,))
    await leave(life, "09:00")
    await offer(life)
    assert "09:00" not in await public_times(life)
    life.later(minutes=10)
    assert "09:00" in await public_times(life)
    await life.check()


async def test_only_who_can_be_written_to_and_told_in_time_may_wait(life: Life) -> None:
    held = await life.hold(service=MARRIAGE)
    with pytest.raises(Conflict):
        await join_waitlist(life.pool, life.clock, held, Wishes())
    by_phone = await life.hold(at("09:00"), MARRIAGE)
    await life.confirm(by_phone, contact=type(ERIKA)(given_name="Erika", family_name="M", phone="02452 130"))
    with pytest.raises(Conflict):
        await join_waitlist(life.pool, life.clock, by_phone, Wishes())
    access = await confirmed(life)
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
