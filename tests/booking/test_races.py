"""Many at once on real PostgreSQL. Whatever happens, afterwards the masks say what rules and occupation say."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from tests.booking.conftest import SetClock
from tests.booking.sample import OPENING, PERSO, TENANT, files, service_id
from tests.booking.support.masks import check_masks
from tests.support.database import Database

from booking.domain.catalogue import Catalogue
from booking.domain.errors import BookingError, KeyReused, SlotTaken
from booking.domain.visit_plan import RequestedItem, VisitPlan, plan_visit
from booking.store.catalogue_cache import CatalogueCache
from booking.store.masks import insert_occupation
from booking.store.release import release_slot
from booking.usecases.configure import configure
from booking.usecases.find_times import find_times
from booking.usecases.hold_queue import HoldQueue
from booking.usecases.hold_slot import HeldAppointment, Request, hold_slot
from booking.usecases.rebuild_masks import rebuild_masks
from booking.usecases.release_overdue import release_overdue
from kit.sql import Pool, open_pool


class Town:
    """Books in the sample town with ten connections at once."""

    def __init__(self, pool: Pool, catalogue: Catalogue, clock: SetClock) -> None:
        self.pool, self.catalogue, self.clock = pool, catalogue, clock
        self.plans: list[VisitPlan] = plan_visit(catalogue, [RequestedItem(service_id(PERSO))])
        self.queue: HoldQueue | None = None

    async def hold(self, key: str, start: datetime = OPENING, body: bytes = b"same") -> HeldAppointment | str:
        """The hold, or the code of the error."""
        try:
            request = Request(start, key, body)
            return await hold_slot(self.pool, self.catalogue, self.plans, request, self.clock(), self.queue)
        except BookingError as error:
            return error.code

    async def free_count(self) -> int:
        day = OPENING.date()
        found = await find_times(self.pool, TENANT, self.plans, [day], self.clock())
        return found.days[0].free

    async def occupied(self) -> int:
        count: int = await self.pool.fetchval("SELECT count(*) FROM occupation")
        return count


@pytest.fixture
async def busy(booking_database: Database, clock: SetClock) -> AsyncIterator[Town]:
    async with open_pool(booking_database.url, size_max=20) as pool:
        await configure(pool, files(clerks=7), clock)
        catalogue = await CatalogueCache(pool, 60).get(TENANT)
        yield Town(pool, catalogue, clock)
        assert await check_masks(pool, TENANT, clock()) == []


def outcomes(answers: list[HeldAppointment | str]) -> Counter[str]:
    return Counter(answer if isinstance(answer, str) else "held" for answer in answers)


async def test_two_hundred_on_seven_slots_give_exactly_seven(busy: Town) -> None:
    answers = await asyncio.gather(*(busy.hold(f"k{number}") for number in range(200)))
    assert outcomes(answers) == {"held": 7, "slot_taken": 193}
    assert len({answer.lane_id for answer in answers if isinstance(answer, HeldAppointment)}) == 7
    assert await busy.occupied() == 7


async def test_two_hundred_on_overlapping_starts_never_overlap(busy: Town) -> None:
    starts = [OPENING + timedelta(minutes=15 * (number % 4)) for number in range(200)]
    answers = await asyncio.gather(*(busy.hold(f"k{number}", start) for number, start in enumerate(starts)))
    assert outcomes(answers) == {"held": 28, "slot_taken": 172}


@pytest.mark.parametrize("is_queued", [False, True], ids=["each by itself", "in shared statements"])
async def test_eight_at_once_on_one_slot(booking_database: Database, clock: SetClock, is_queued: bool) -> None:
    """A hundred times, each on a slot of its own: whoever of the eight is quickest, there is one."""
    async with open_pool(booking_database.url, size_max=8) as pool:
        await configure(pool, files(clerks=1), clock)
        small = Town(pool, await CatalogueCache(pool, 60).get(TENANT), clock)
        small.queue = HoldQueue(pool) if is_queued else None
        for number in range(100):
            day, quarter = divmod(number, 16)
            start = OPENING + timedelta(weeks=day, minutes=15 * quarter)
            answers = await asyncio.gather(*(small.hold(f"k{number}-{citizen}", start) for citizen in range(8)))
            assert outcomes(answers) == {"held": 1, "slot_taken": 7}, start
        assert await small.occupied() == 100
        assert await check_masks(pool, TENANT, clock()) == []


async def test_every_lane_of_a_big_office_is_used_to_the_last(booking_database: Database, clock: SetClock) -> None:
    async with open_pool(booking_database.url, size_max=10) as pool:
        await configure(pool, files(clerks=20), clock)
        big = Town(pool, await CatalogueCache(pool, 60).get(TENANT), clock)
        answers = await asyncio.gather(*(big.hold(f"k{number}") for number in range(60)))
        assert outcomes(answers) == {"held": 20, "slot_taken": 40}
        assert await check_masks(pool, TENANT, clock()) == []


async def test_the_same_key_at_once_gives_one_hold(busy: Town) -> None:
    answers = await asyncio.gather(*(busy.hold("same key") for _ in range(20)))
    assert len({answer.id for answer in answers if isinstance(answer, HeldAppointment)}) == 1
    assert outcomes(answers) == {"held": 20}
    assert await busy.occupied() == 1


async def test_the_same_key_with_other_bodies_at_once_gives_one_hold(busy: Town) -> None:
    answers = await asyncio.gather(*(busy.hold("same key", body=b"%d" % number) for number in range(10)))
    assert outcomes(answers) == {"held": 1, KeyReused.code: 9}
    assert await busy.occupied() == 1


async def test_the_same_key_on_the_last_slot_gives_its_answer_to_all(busy: Town) -> None:
    for number in range(6):
        await busy.hold(f"k{number}")
    answers = await asyncio.gather(*(busy.hold("last") for _ in range(20)))
    assert outcomes(answers) == {"held": 20}


async def test_a_rush_on_expired_holds_takes_each_slot_once(busy: Town) -> None:
    await asyncio.gather(*(busy.hold(f"old{number}") for number in range(7)))
    busy.clock.advance(minutes=15)
    answers = await asyncio.gather(*(busy.hold(f"new{number}") for number in range(50)))
    assert outcomes(answers) == {"held": 7, "slot_taken": 43}
    states = await busy.pool.fetch("SELECT state, count(*) FROM appointment GROUP BY state")
    assert dict(states) == {"expired": 7, "held": 7}


async def test_readers_and_sweepers_release_an_expired_hold_once(busy: Town) -> None:
    await asyncio.gather(*(busy.hold(f"old{number}") for number in range(7)))
    busy.clock.advance(minutes=15)
    counts = await asyncio.gather(
        *(release_overdue(busy.pool, TENANT, busy.clock()) for _ in range(5)), *(busy.free_count() for _ in range(5))
    )
    assert sum(counts[:5]) <= 7
    assert await busy.free_count() == 16
    assert await busy.pool.fetchval("SELECT count(*) FROM outbox WHERE subject = 'booking.appointment.expired'") == 7


async def test_a_hold_that_expires_as_it_is_confirmed_is_one_or_the_other(busy: Town) -> None:
    """The clock says that it is over, to the millisecond; the confirmation's compare-and-set and the release meet."""
    for number in range(10):
        held = await busy.hold(f"k{number}", OPENING + timedelta(minutes=15 * number))
        assert isinstance(held, HeldAppointment)
        busy.clock.now = held.expires_at
        confirmed, _ = await asyncio.gather(
            _confirm(busy.pool, held.id), release_overdue(busy.pool, TENANT, busy.clock())
        )
        state = await busy.pool.fetchval("SELECT state FROM appointment WHERE id = $1", held.id)
        occupied = await busy.pool.fetchval("SELECT count(*) FROM occupation WHERE appointment_id = $1", held.id)
        assert (state, occupied) == (("confirmed", 1) if confirmed else ("expired", 0))
        busy.clock.now = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


async def _confirm(pool: Pool, appointment_id: UUID) -> bool:
    moved = await pool.fetchval(
        "UPDATE appointment SET state = 'confirmed', version = version + 1, expires_at = NULL"
        " WHERE id = $1 AND state = 'held' AND version = 1 RETURNING true",
        appointment_id,
    )
    return bool(moved)


async def test_a_released_slot_is_free_at_once_and_only_once(busy: Town) -> None:
    held = await busy.hold("k")
    assert isinstance(held, HeldAppointment)
    for _ in range(2):
        async with busy.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "UPDATE appointment SET state = 'cancelled_by_citizen', expires_at = NULL WHERE id = $1", held.id
            )
            await release_slot(connection, held.id)
    assert await busy.occupied() == 0


async def test_rules_rebuilt_during_a_rush_lose_no_booking(busy: Town) -> None:
    async def rebuild() -> None:
        for _ in range(5):
            async with busy.pool.acquire() as connection, connection.transaction():
                await rebuild_masks(connection, TENANT, busy.clock())

    starts = [OPENING + timedelta(minutes=15 * (number % 16)) for number in range(150)]
    holds = (busy.hold(f"k{number}", start) for number, start in enumerate(starts))
    answers, _ = await asyncio.gather(asyncio.gather(*holds), rebuild())
    assert await busy.occupied() == outcomes(answers)["held"]


async def test_the_constraint_holds_whatever_the_masks_say(busy: Town) -> None:
    held = await busy.hold("k")
    assert isinstance(held, HeldAppointment)
    other = await busy.hold("other")
    assert isinstance(other, HeldAppointment)
    async with busy.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("DELETE FROM occupation WHERE appointment_id = $1", other.id)
        with pytest.raises(asyncpg.ExclusionViolationError):
            await insert_occupation(connection, other.id, held.lane_id, held.start, held.end)
        await transaction.rollback()


async def test_a_wrong_mask_books_nothing_twice_and_is_reported(busy: Town) -> None:
    for number in range(7):
        await busy.hold(f"k{number}")
    await busy.pool.execute("UPDATE day_mask SET free = open WHERE day = $1", OPENING.date())
    assert len(await check_masks(busy.pool, TENANT, busy.clock())) == 7
    assert await busy.hold("one too many") == SlotTaken.code
    assert await busy.occupied() == 7
    async with busy.pool.acquire() as connection, connection.transaction():
        await rebuild_masks(connection, TENANT, busy.clock())


async def test_the_application_may_not_delete_what_appointments_name(busy: Town) -> None:
    for table in ("service", "offering", "lane", "clerk", "location", "organisational_unit", "tenant", "audit_event"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await busy.pool.execute(f"DELETE FROM {table}")
