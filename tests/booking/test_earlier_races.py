"""An earlier slot changes hands while others take, decline, cancel and look: it always has one owner."""

import asyncio
import random
from datetime import timedelta

from tests.booking.sample import TENANT
from tests.booking.support.life import Life, at
from tests.booking.support.outcomes import unforeseen
from tests.booking.support.waitlist import accept, leave, offer, offered, waiting

from booking.domain.errors import BookingError, Gone
from booking.usecases.accept_earlier import accept_earlier
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.decline_earlier import decline_earlier
from booking.usecases.expire_appointments import expire_appointments
from booking.usecases.offer_freed_slots import offer_freed_slots


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
        assert unforeseen(answers, Gone) == []
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
        assert unforeseen(answers, BookingError) == []
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
