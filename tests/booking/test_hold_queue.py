"""Holds that share a statement: each hears its own outcome, and none is lost or doubled by its neighbours."""

import asyncio
from collections import Counter
from datetime import timedelta

from tests.booking.conftest import SetClock
from tests.booking.sample import OPENING, PERSO, TENANT, files, service_id
from tests.booking.support.masks import check_masks
from tests.support.database import Database

from booking.domain.errors import BookingError
from booking.domain.visit_plan import RequestedItem, plan_visit
from booking.store.catalogue_cache import CatalogueCache
from booking.usecases.configure import configure
from booking.usecases.hold_queue import HoldQueue
from booking.usecases.hold_slot import HeldAppointment, Request, hold_slot
from kit.sql import open_pool

QUARTER = timedelta(minutes=15)


async def book(database: Database, clock: SetClock, requests: list[Request], quantity: int = 1) -> list[str]:
    """All at once through one queue; afterwards the masks are right. Returns ids, or the codes of errors."""
    async with open_pool(database.url, size_max=4) as pool:
        await configure(pool, files(clerks=7), clock)
        catalogue = await CatalogueCache(pool, 60).get(TENANT)
        plans = plan_visit(catalogue, [RequestedItem(service_id(PERSO), quantity)])
        queue = HoldQueue(pool)

        async def hold(request: Request) -> str:
            try:
                held: HeldAppointment = await hold_slot(pool, catalogue, plans, request, clock(), queue)
            except BookingError as error:
                return error.code
            return str(held.id)

        answers = await asyncio.gather(*(hold(request) for request in requests))
        assert await check_masks(pool, TENANT, clock()) == []
        assert await pool.fetchval("SELECT count(*) FROM occupation") == len(set(answers) - {"slot_taken"})
        return answers


async def test_two_hundred_on_seven_slots(booking_database: Database, clock: SetClock) -> None:
    answers = await book(booking_database, clock, [Request(OPENING, f"k{n}", b"") for n in range(200)])
    assert Counter(answers)["slot_taken"] == 193
    assert len(set(answers)) == 8


async def test_neighbours_that_overlap_in_part(booking_database: Database, clock: SetClock) -> None:
    """25 minutes each, beginning every quarter of an hour: one in a lane fits where two begin."""
    requests = [Request(OPENING + QUARTER * (n % 2), f"k{n}", b"") for n in range(60)]
    answers = await book(booking_database, clock, requests, quantity=2)
    assert Counter(answers)["slot_taken"] == 53


async def test_one_key_many_times_among_others(booking_database: Database, clock: SetClock) -> None:
    """A key that comes twice spoils the statement that it shares; the others do not hear of it."""
    same = [Request(OPENING, "same", b"") for _ in range(12)]
    others = [Request(OPENING + QUARTER * n, f"k{n}", b"") for n in range(12)]
    answers = await book(booking_database, clock, [one for pair in zip(same, others, strict=True) for one in pair])
    assert len(set(answers[0::2])) == 1
    assert len(set(answers[1::2])) == 12
    assert "slot_taken" not in answers
