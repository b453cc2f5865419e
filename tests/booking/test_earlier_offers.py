"""An earlier slot is offered to whom it fits, and moves the visit when it is taken."""

from datetime import time

import pytest
from tests.booking.sample import MARRIAGE, PERSO, TENANT, service_id
from tests.booking.support.house import House
from tests.booking.support.life import Life, at
from tests.booking.support.office import Office
from tests.booking.support.waitlist import THURSDAY, accept, leave, offer, offered, waiting

from booking.domain.errors import Gone
from booking.domain.responsibility_rules import ResponsibilityRule
from booking.domain.waitlist import Wishes
from booking.store.responsibility import lock_catalogue, replace_rules
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.join_waitlist import join_waitlist
from kit.ids import uuid7


async def test_taking_it_moves_the_visit_and_frees_its_former_time(life: Life) -> None:
    access = await waiting(life)
    before, entry = await life.view(access), await life.citizens_entry(access)
    await leave(life, "09:00")
    await offer(life)
    moved = await accept(life, access)
    assert (moved.start, moved.number, moved.earlier, moved.is_waiting) == (at("09:00"), before.number, None, False)
    assert await life.citizens_entry(access) == (entry[0], entry[1] + 1)
    assert (await life.events(access))[-2:] == ["earlier_offered", "moved"]
    assert "10:00" in await life.free_times(MARRIAGE, THURSDAY)
    await life.check()


async def test_a_longer_visit_takes_the_free_time_beside_it(life: Life) -> None:
    """Half an hour was freed; three persons need 35 minutes, and the quarter before it is free as well."""
    for _ in range(3):
        blocked = await life.booked("08:00", quantity=1)
    access = await life.booked("10:00", THURSDAY, quantity=3)
    await join_waitlist(life.pool, life.clock, access, Wishes(to_time=time(9)))
    await cancel_appointment(life.pool, life.clock, blocked)
    await offer(life)
    earlier = (await life.view(access)).earlier
    assert earlier
    assert (earlier.start, earlier.end) == (at("08:00"), at("08:35"))
    await life.check()
    assert (await accept(life, access)).start == at("08:00")
    await life.check()


async def test_a_visit_that_needs_a_room_is_offered_one_with_it(life: Life, house: House) -> None:
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


async def test_a_visit_to_a_clerk_whom_a_rule_names_stays_with_that_clerk(life: Life, office: Office) -> None:
    rule = ResponsibilityRule(id=uuid7(), name="A-K", service_ids=(service_id(PERSO),), clerk_id=await office.clerk(0))
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
    clerk = await life.booked("08:00")
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
    assert await offered(life, first) is None
    assert await offered(life, second) in ("09:00", "10:00")
    await life.check()


async def test_who_moves_to_an_earlier_time_alone_needs_the_offer_no_more(life: Life) -> None:
    access = await waiting(life)
    await leave(life, "09:00")
    await offer(life)
    await life.move(access, "08:00", "2026-11-25")
    with pytest.raises(Gone):
        await accept(life, access)
    await offer(life)
    assert "09:00" in await life.free_times(MARRIAGE)
    await life.check()
