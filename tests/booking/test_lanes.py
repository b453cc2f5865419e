"""Lanes that are nobody's own: counters, and the rooms and devices that a visit needs beside its clerk."""

import asyncio
import random
from collections import Counter
from datetime import date, timedelta

import pytest
from tests.booking.sample import MARRIAGE, PASS, PERSO, TENANT, service_id
from tests.booking.support.house import LOCATION, House
from tests.booking.support.life import Life, at

from booking.domain.errors import BookingError, SlotTaken
from booking.domain.lanes import Candidate, Slot, fairest_first
from booking.domain.slots import STEPS, Span, span_bits, steps_beside
from booking.domain.times import occupied_place
from booking.store.bits import from_bit, to_bit
from booking.store.lanes import list_candidates
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.expire_appointments import expire_appointments
from booking.usecases.view_appointment import Access

DAY = date(2026, 11, 25)


async def occupied(life: Life, access: Access) -> list[int]:
    rows = await life.pool.fetch(
        "SELECT lane_id FROM occupation WHERE appointment_id = $1 ORDER BY lane_id", access.appointment_id
    )
    return [row["lane_id"] for row in rows]


async def test_a_counter_is_booked_like_a_clerk_and_shown_by_its_label(life: Life, house: House) -> None:
    lane_id = await house.add_counter("Schalter A", PERSO)
    catalogue = await life.catalogues.get(TENANT)
    lane = catalogue.lanes[lane_id]
    assert (lane.kind, lane.name, lane.clerk_id) == ("counter", "Schalter A", None)
    names = set()
    for _ in range(4):
        access = await life.hold(at("09:00"))
        names.add((await life.confirm(access, "counter")).clerk.display_name)
    assert names == {"Clerk 0", "Clerk 1", "Clerk 2", "Schalter A"}
    assert await life.pool.fetchval("SELECT count(*) FROM assignment") == 3, "nobody's calendar has a counter's visits"
    await life.check()


async def test_the_catalogue_knows_what_a_service_needs_beside_its_clerk(life: Life, house: House) -> None:
    rooms = [await house.add_resource("Trauzimmer", label) for label in ("Trauzimmer 1", "Trauzimmer 2")]
    await house.need(MARRIAGE, "Trauzimmer")
    catalogue = await life.catalogues.get(TENANT)
    (offering,) = catalogue.offerings[service_id(MARRIAGE)]
    assert offering.resource_groups == ("Trauzimmer",)
    assert catalogue.resources[LOCATION, "Trauzimmer"] == tuple(rooms)
    assert not set(rooms) & set(offering.lane_ids)


async def test_a_visit_takes_its_clerk_and_a_room_and_gives_both_back(life: Life, house: House) -> None:
    room = await house.add_resource("Fotogerät", "Fotogerät")
    await house.need(PASS, "Fotogerät")
    access = await life.hold(service=PASS)
    lanes = await occupied(life, access)
    assert len(lanes) == 2
    assert room in lanes
    await life.check(lanes=2)
    with pytest.raises(SlotTaken):
        await life.hold(service=PASS)
    assert len(await occupied(life, await life.hold(service=PERSO))) == 1, "other services do not need the device"
    await cancel_appointment(life.pool, life.clock, access)
    assert await occupied(life, access) == []
    assert room in await occupied(life, await life.hold(service=PASS))


async def test_a_time_is_offered_where_clerk_and_room_are_free_at_once(life: Life, house: House) -> None:
    await house.add_resource("Fotogerät", "Gerät A")
    await house.add_resource("Fotogerät", "Gerät B")
    await house.need(PASS, "Fotogerät")
    assert len(await life.free_times(PASS)) == 16
    await life.hold(at("09:00"), PASS)
    assert "09:00" in await life.free_times(PASS), "the other device is free"
    await life.hold(at("09:00"), PASS)
    assert "09:00" not in await life.free_times(PASS)
    assert "09:00" in await life.free_times(PERSO), "the third clerk is free"
    await life.hold(at("09:15"), PASS, 3)
    assert set(await life.free_times(PERSO)) - set(await life.free_times(PASS)) == {"09:00"}


async def test_two_kinds_of_resources_are_needed_together(life: Life, house: House) -> None:
    await house.add_resource("Fotogerät", "Gerät")
    room = await house.add_resource("Kabine", "Kabine")
    await house.need(PASS, "Fotogerät", "Kabine")
    assert len(await occupied(life, await life.hold(service=PASS))) == 3
    await life.pool.execute("UPDATE day_mask SET open = 0::bit(288), free = 0::bit(288) WHERE lane_id = $1", room)
    assert await life.free_times(PASS) == ()


async def test_what_no_room_of_the_house_can_serve_is_not_offered(life: Life, house: House) -> None:
    await house.need(PASS, "Fotogerät")
    with pytest.raises(BookingError, match="not offered together"):
        await life.hold(service=PASS)


async def test_a_resource_that_expired_meanwhile_is_free_again(life: Life, house: House) -> None:
    await house.add_resource("Fotogerät", "Gerät")
    await house.need(PASS, "Fotogerät")
    lapsed = await life.hold(service=PASS)
    life.later(minutes=15)
    assert "08:00" in await life.free_times(PASS)
    assert len(await occupied(life, await life.hold(service=PASS))) == 2
    assert await occupied(life, lapsed) == []


async def test_a_lapsed_visit_takes_its_clerk_and_any_room_of_the_kind_again(life: Life, house: House) -> None:
    rooms = [await house.add_resource("Fotogerät", label) for label in ("A", "B")]
    await house.need(PASS, "Fotogerät")
    lapsed = await life.hold(service=PASS)
    before = await occupied(life, lapsed)
    life.later(minutes=15)
    await expire_appointments(life.pool, life.clock)
    (device,) = set(before) & set(rooms)
    await life.pool.execute("UPDATE day_mask SET free = 0::bit(288), open = 0::bit(288) WHERE lane_id = $1", device)
    await life.confirm(lapsed, "counter")
    after = await occupied(life, lapsed)
    assert set(after) - set(before) == set(rooms) - {device}
    assert len(after) == 2


async def test_a_lapsed_visit_whose_room_is_gone_takes_nothing(life: Life, house: House) -> None:
    await house.add_resource("Fotogerät", "A")
    await house.need(PASS, "Fotogerät")
    lapsed = await life.hold(service=PASS)
    life.later(minutes=15)
    assert len(await occupied(life, await life.hold(service=PASS))) == 2
    with pytest.raises(SlotTaken):
        await life.confirm(lapsed, "counter")
    assert await occupied(life, lapsed) == []


async def test_what_lapsed_in_the_room_alone_does_not_stand_in_the_way(life: Life, house: House) -> None:
    """The device is held by a visit of another clerk, and that hold is over too."""
    await house.add_resource("Fotogerät", "A")
    await house.need(PASS, "Fotogerät")
    first = await life.hold(service=PASS)
    life.later(minutes=15)
    second = await life.hold(service=PASS)
    life.later(minutes=15)
    await life.confirm(first, "counter")
    assert len(await occupied(life, first)) == 2
    assert await occupied(life, second) == []


async def test_a_visit_with_a_room_moves_with_both(life: Life, house: House) -> None:
    rooms = [await house.add_resource("Fotogerät", label) for label in ("A", "B")]
    await house.need(PASS, "Fotogerät")
    access = await life.booked(service=PASS)
    before = await occupied(life, access)
    await life.move(access, "08:15")
    assert await occupied(life, access) == before, "clerk and device stay while they are free"
    for _ in range(2):
        await life.hold(at("10:00"), PASS)
    with pytest.raises(SlotTaken):
        await life.move(access, "10:00")
    assert await occupied(life, access) == before
    assert set(rooms) & set(before)
    await life.check(lanes=2)


async def test_eight_at_once_on_one_slot_with_two_lanes(life: Life, house: House) -> None:
    """Three clerks, two devices: two visits, and never half of one."""
    for label in ("A", "B"):
        await house.add_resource("Fotogerät", label)
    await house.need(PASS, "Fotogerät")
    for quarter in range(8):
        start = at("08:00") + timedelta(minutes=15 * quarter)
        answers = await asyncio.gather(*(life.hold(start, PASS) for _ in range(8)), return_exceptions=True)
        assert Counter(type(answer) for answer in answers) == {Access: 2, SlotTaken: 6}
    await life.check(lanes=2)


async def test_holds_moves_cancellations_and_expiry_at_once_never_leave_one_lane_taken(
    life: Life, house: House
) -> None:
    for label in ("A", "B"):
        await house.add_resource("Fotogerät", label)
    await house.add_resource("Kabine", "Kabine")
    await house.need(PASS, "Fotogerät")
    await house.need(PERSO, "Kabine")
    rng = random.Random(5)
    quarters = [f"{hour:02}:{minute:02}" for hour in (8, 9) for minute in (0, 15, 30, 45)]
    confirmed = []
    for time in quarters[:4]:
        confirmed.append(await life.hold(at(time), PASS))
        await life.confirm(confirmed[-1], "counter")

    async def act(number: int) -> None:
        try:
            if number % 3 == 0:
                await life.hold(at(rng.choice(quarters)), rng.choice((PASS, PERSO)))
            elif number % 3 == 1:
                await life.move(rng.choice(confirmed), rng.choice(quarters))
            elif number % 7 == 0:
                await cancel_appointment(life.pool, life.clock, rng.choice(confirmed))
        except BookingError:
            return

    await asyncio.gather(*(act(number) for number in range(60)))
    await life.check(lanes=2)
    life.later(minutes=15)
    await asyncio.gather(*(act(number) for number in range(30)), expire_appointments(life.pool, life.clock))
    await life.check(lanes=2)


async def test_the_database_chooses_as_the_rule_says(life: Life) -> None:
    """One rule in two places: the hold's statement, and `domain/lanes.py` for who holds the masks locked."""
    rng = random.Random(3)
    (plan,) = await life.plans()
    place = occupied_place(plan, at("09:00"))
    opened = span_bits(Span(96, 144))
    for _ in range(25):
        for lane_id in plan.lane_ids:
            free = (opened & rng.getrandbits(STEPS) & rng.getrandbits(STEPS)) | place.bits
            await life.pool.execute(
                "UPDATE day_mask SET free = $2 WHERE lane_id = $1 AND day = $3", lane_id, to_bit(free), DAY
            )
        async with life.pool.acquire() as connection:
            slot = Slot(plan.lane_groups, (), place, internal=False)
            (candidates,) = await list_candidates(connection, slot)
        assert candidates == [await _candidate(life, lane_id, place.bits) for lane_id in plan.lane_ids]
        best = fairest_first(candidates)
        access = await life.hold(at("09:00"))
        (taken,) = await occupied(life, access)
        key = {one.lane_id: (one.load // 24, one.loose, one.load) for one in candidates}
        assert key[taken] == key[best[0].lane_id]
        await life.pool.execute("DELETE FROM appointment WHERE id = $1", access.appointment_id)


async def _candidate(life: Life, lane_id: int, bits: int) -> Candidate:
    row = await life.pool.fetchrow("SELECT open, free FROM day_mask WHERE lane_id = $1 AND day = $2", lane_id, DAY)
    opened, free = from_bit(row["open"]), from_bit(row["free"])
    loose = (free & steps_beside(bits)).bit_count()
    return Candidate(lane_id, (opened & ~free).bit_count(), loose, is_open=True, is_free=free & bits == bits)
