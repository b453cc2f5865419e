"""What several of a worker say to the database and to booking at the same time: together, and each with its own end."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import httpx
import pytest
from tests.notify.conftest import Notify
from tests.notify.letters import a_letter_about, at_sequence
from tests.support.waiting import eventually

from contracts.booking import Letter
from kit.sql import Connection
from notify.clients.booking import BookingAway, BookingClient
from notify.domain.pausing import Pause
from notify.domain.sending import Outcome
from notify.store.claims import Claimed, lock_due, mark_data_started
from notify.store.pauses import upsert_pause
from notify.usecases.claim_deliveries import LEASE
from notify.usecases.prepare_notice import prepare_notice

MANY = 6


async def hear(notify: Notify, letters: Sequence[Letter]) -> None:
    for letter in letters:
        await notify.hear("appointment.confirmed", letter)
    notify.booking.others = tuple(letters)


async def prepare_at_once(notify: Notify, count: int = MANY) -> list[int]:
    return await asyncio.gather(*(prepare_notice(notify.preparation) for _ in range(count)))


async def claim_at_once(notify: Notify, count: int = MANY) -> list[Claimed]:
    taken = await asyncio.gather(*(notify.sending.desk.claim() for _ in range(count)))
    return [one for one in taken if isinstance(one, Claimed)]


async def in_hand(notify: Notify) -> list[Claimed]:
    """Mails about as many appointments, each in a sender's hands."""
    await hear(notify, [a_letter_about(number) for number in range(MANY)])
    await prepare_at_once(notify)
    claimed = await claim_at_once(notify)
    assert len({one.id for one in claimed}) == MANY
    return claimed


async def somebody_waits(connection: Connection) -> None:
    await eventually(lambda: connection.fetchval("SELECT NOT bool_and(granted) FROM pg_locks"), timeout_s=10)


async def states(notify: Notify) -> list[str]:
    return [row["state"] for row in await notify.pool.fetch("SELECT state FROM delivery ORDER BY position")]


async def test_letters_that_are_asked_for_at_the_same_time_come_in_one_call(notify: Notify) -> None:
    await hear(notify, [a_letter_about(number) for number in range(MANY)])
    assert await prepare_at_once(notify, MANY + 1) == [1] * MANY + [0]
    assert notify.booking.calls == 1
    assert await states(notify) == ["queued"] * MANY


async def test_where_letters_are_not_had_at_once_each_is_asked_for_alone(notify: Notify) -> None:
    notify.booking.spoiled = True
    await hear(notify, [a_letter_about(number) for number in range(MANY)])
    await prepare_at_once(notify)
    assert notify.booking.calls == 1 + MANY
    assert await states(notify) == ["queued"] * MANY


async def test_of_a_booking_that_is_away_nothing_is_asked_a_second_time(notify: Notify) -> None:
    called = 0

    def refuse(_: httpx.Request) -> httpx.Response:
        nonlocal called
        called += 1
        raise httpx.ReadTimeout("too slow")

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as http:
        found = await BookingClient(http, "http://booking.test", "token").fetch_letters([UUID(int=1), UUID(int=2)])
    assert [type(one) for one in found] == [BookingAway, BookingAway]
    assert called == 1


async def test_a_letter_that_is_gone_or_too_old_delays_no_other(notify: Notify) -> None:
    letters = [a_letter_about(number) for number in range(MANY)]
    await hear(notify, letters)
    notify.booking.letter = None
    old = at_sequence(letters[1], 0, version=1)
    notify.booking.others = (old, *letters[2:])
    await prepare_at_once(notify)
    assert await states(notify) == ["queued"] * (MANY - 2)
    found = await notify.pool.fetch("SELECT state, mails FROM notice ORDER BY appointment_id")
    assert [tuple(row) for row in found] == [("prepared", 0), ("waiting", None), *[("prepared", 1)] * (MANY - 2)]


async def test_a_mail_that_cannot_be_stored_spoils_no_other(notify: Notify) -> None:
    letters = [a_letter_about(number) for number in range(MANY)]
    await hear(notify, letters)
    broken = at_sequence(letters[0], 2**40)  # no database's integer
    notify.booking.letter = None
    notify.booking.others = (broken, *letters[1:])
    prepared = await asyncio.gather(*(prepare_notice(notify.preparation) for _ in range(MANY)), return_exceptions=True)
    assert len([one for one in prepared if isinstance(one, Exception)]) == 1
    assert await states(notify) == ["queued"] * (MANY - 1)


async def test_what_ends_at_the_same_time_is_written_in_one_transaction(notify: Notify) -> None:
    claimed = await in_hand(notify)
    await asyncio.gather(*(notify.sending.desk.settle(one, Outcome("accepted", 250)) for one in claimed))
    assert await states(notify) == ["accepted"] * MANY
    assert await notify.pool.fetchval("SELECT count(DISTINCT xmin::text) FROM delivery") == 1
    assert await notify.pool.fetchval("SELECT count(*) FROM outbox") == MANY


async def test_an_outcome_that_cannot_be_written_spoils_no_other(notify: Notify) -> None:
    claimed = await in_hand(notify)
    codes = [2**40, *[250] * (MANY - 1)]
    ended = zip(claimed, codes, strict=True)
    settled = await asyncio.gather(
        *(notify.sending.desk.settle(one, Outcome("accepted", code)) for one, code in ended), return_exceptions=True
    )
    assert [one is None for one in settled] == [False, *[True] * (MANY - 1)]
    assert sorted(await states(notify)) == [*["accepted"] * (MANY - 1), "claimed"]
    assert await notify.pool.fetchval("SELECT count(*) FROM outbox") == MANY - 1


async def test_of_those_that_begin_together_only_who_lost_the_lease_may_not(notify: Notify) -> None:
    claimed = await in_hand(notify)
    await notify.pool.execute("UPDATE delivery SET lease_until = $2 WHERE id = $1", claimed[0].id, notify.clock())
    began = await asyncio.gather(*map(notify.sending.desk.start, claimed))
    assert began == [False, *[True] * (MANY - 1)]
    assert await notify.pool.fetchval("SELECT count(*) FROM delivery WHERE data_started_at IS NULL") == 1


async def test_after_a_pause_one_goes_alone_though_several_ask_together(notify: Notify) -> None:
    await hear(notify, [a_letter_about(number) for number in range(MANY)])
    await prepare_at_once(notify)
    async with notify.pool.acquire() as connection:
        await upsert_pause(connection, "", Pause("unreachable", 1, notify.clock()), notify.clock())
    assert [one.pause_cause for one in await claim_at_once(notify)] == ["unreachable"]
    notify.clock.pass_by(seconds=1)
    assert await claim_at_once(notify) == []


async def test_mails_about_which_nothing_can_be_decided_hold_up_no_other(notify: Notify) -> None:
    await hear(notify, [a_letter_about(number) for number in range(MANY)])
    await prepare_at_once(notify)
    odd = ("time_zone = 'No/Where', kind = 'reminder'", "kind = 'of_a_newer_release'")
    for change in odd:
        await notify.pool.execute(
            f"UPDATE delivery SET {change}, cause = 'odd'"
            " WHERE id = (SELECT id FROM delivery WHERE cause IS NULL ORDER BY position LIMIT 1)"
        )
    assert len(await claim_at_once(notify)) == MANY - len(odd)
    assert await claim_at_once(notify) == []
    set_aside = await notify.pool.fetch("SELECT due_at FROM delivery WHERE cause = 'undecided' AND state = 'queued'")
    assert [row["due_at"] > notify.clock() for row in set_aside] == [True, True]


async def test_who_waits_for_a_mail_holds_no_later_one(notify: Notify) -> None:
    """All lock several mails in the order of their ids: two who want the same never wait for each other."""
    claimed = sorted(await in_hand(notify), key=lambda one: one.id)
    async with notify.pool.acquire() as other, other.transaction():
        await other.execute("SELECT 1 FROM delivery WHERE id = $1 FOR UPDATE", claimed[0].id)
        begun = [asyncio.create_task(notify.sending.desk.start(one)) for one in reversed(claimed)]
        await somebody_waits(other)
        await other.execute("SELECT 1 FROM delivery WHERE id = $1 FOR UPDATE NOWAIT", claimed[1].id)
    assert await asyncio.gather(*begun) == [True] * MANY


async def test_a_mail_that_somebody_holds_keeps_no_other_from_its_end(notify: Notify) -> None:
    claimed = await in_hand(notify)
    async with notify.pool.acquire() as other, other.transaction():
        await other.execute("SELECT 1 FROM delivery WHERE id = $1 FOR UPDATE", claimed[0].id)
        settled = await asyncio.gather(
            *(notify.sending.desk.settle(one, Outcome("accepted", 250)) for one in claimed), return_exceptions=True
        )
    assert [type(one).__name__ for one in settled] == ["LockNotAvailableError", *["NoneType"] * (MANY - 1)]


async def test_those_who_ask_together_get_one_mail_of_a_calendar_entry(notify: Notify) -> None:
    (first, *_) = await in_hand(notify)
    await notify.hear("appointment.moved", at_sequence(a_letter_about(0), 1))
    await prepare_at_once(notify)
    await notify.pool.execute(
        "UPDATE delivery SET state = 'unknown', claim = NULL, lease_until = NULL WHERE id <> $1"
        " AND appointment_id = $2 OR id = $1",
        first.id,
        first.appointment_id,
    )
    claimed = await claim_at_once(notify)
    assert [one.id for one in claimed] == [first.id]  # the newer one waits until it is known what became of it


@pytest.mark.parametrize("leave", [0, 1])
async def test_leases_of_what_was_claimed_together_end_one_by_one(notify: Notify, leave: int) -> None:
    claimed = await in_hand(notify)
    notify.clock.pass_by(seconds=LEASE.total_seconds() - 1)
    for one in claimed[leave:]:
        await notify.sending.desk.extend(one)
    notify.clock.pass_by(seconds=2)
    assert await notify.release() == leave


async def test_who_sends_looks_at_few_mails_however_many_wait(notify: Notify) -> None:
    """Also when it was planned while none did."""
    claimed = await in_hand(notify)
    await asyncio.gather(*(notify.sending.desk.start(one) for one in claimed))
    await notify.pool.execute(
        "INSERT INTO delivery (id, tenant, appointment_id, audience, kind, subject_key, recipient, recipient_hash,"
        " message, calendar_uid, calendar_sequence, calendar_method, time_zone, due_at, created_at)"
        " SELECT gen_random_uuid(), tenant, appointment_id, audience, kind, number || ':' || id, recipient,"
        " number || ':' || id,"
        " message, number || ':' || id, 0, 'REQUEST', time_zone, due_at, created_at"
        " FROM generate_series(1, 100) AS number, delivery"
    )
    async with notify.pool.acquire() as connection, connection.transaction():
        before = await looked_at(connection)
        assert len(await lock_due(connection, notify.clock(), 4)) == 4
        assert len(await mark_data_started(connection, claimed, notify.clock())) == MANY
        assert await looked_at(connection) - before < MANY * 16


async def looked_at(connection: Connection) -> int:
    """Rows of mails, by this connection."""
    rows: int = await connection.fetchval(
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'delivery'"
    )
    return rows
