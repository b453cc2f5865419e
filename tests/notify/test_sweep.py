"""What time alone brings about."""

import asyncio
from datetime import timedelta

import pytest
from tests.notify.conftest import Notify
from tests.notify.letters import LETTER
from tests.notify.peers import Clock
from tests.support.waiting import eventually

from notify.store.totals import add_settled, list_totals
from notify.usecases.count_settled import count_settled
from notify.usecases.sweep import close_old

WAITERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    " AND query LIKE '%delivery_total%'"
)


async def test_an_accepted_mail_counts_as_delivered_after_three_days(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    notify.clock.pass_by(hours=71)
    await close_old(notify.pool, notify.clock)
    assert {state for _, state in await notify.states()} == {"accepted"}
    notify.clock.pass_by(hours=2)
    await close_old(notify.pool, notify.clock)
    assert {state for _, state in await notify.states()} == {"assumed_delivered"}


async def test_no_person_is_left_after_the_retention(notify: Notify) -> None:
    notify.mail.rcpt.append("550 5.1.1 No such user")
    await notify.tell("appointment.confirmed", LETTER)
    notify.clock.pass_by(days=7, hours=1)
    await close_old(notify.pool, notify.clock)
    rows = await notify.pool.fetch(
        "SELECT delivery::text AS row FROM delivery UNION ALL SELECT notice::text FROM notice"
    )
    text = " ".join(row["row"] for row in rows)
    assert len(rows) == 3
    for person in ("erika", "Erika", "oezdemir", "e…@", "4572696b61"):  # the last: "Erika" in bytes
        assert person not in text
    assert [delivery.recipient for delivery in await notify.listed()] == [None, None]


async def test_rows_go_at_their_own_retention_and_the_log_counts_them(
    notify: Notify, caplog: pytest.LogCaptureFixture
) -> None:
    notify.mail.rcpt.append("550 5.1.1 No such user")
    await notify.tell("appointment.confirmed", LETTER)
    caplog.set_level("INFO", "notify.usecases.sweep")
    left: list[tuple[int, ...]] = []
    for days in (31, 150, 220):
        notify.clock.pass_by(days=days)
        await close_old(notify.pool, notify.clock)
        row = await notify.pool.fetchrow(
            "SELECT (SELECT count(*) FROM notice), (SELECT count(*) FROM suppression),"
            " (SELECT count(*) FROM delivery), (SELECT count(*) FROM appointment)"
        )
        left.append(tuple(row))
    assert left == [(0, 1, 2, 1), (0, 0, 2, 1), (0, 0, 0, 0)]
    records = [record.__dict__ for record in caplog.records if record.name == "notify.usecases.sweep"]
    told = [(record["erased"], record["deliveries"]) for record in records]
    assert told == [(2, 0), (0, 0), (0, 2)]


async def test_that_a_days_digests_were_written_is_forgotten_with_the_notices(
    notify: Notify, caplog: pytest.LogCaptureFixture
) -> None:
    notify.booking.agendas = ()
    await notify.digest()
    caplog.set_level("INFO", "notify.usecases.sweep")
    left = []
    for days in (30, 2):
        notify.clock.pass_by(days=days)
        await close_old(notify.pool, notify.clock)
        left.append(await notify.pool.fetchval("SELECT count(*) FROM digest_day"))
    assert left == [1, 0]
    told = [record.__dict__["digest_days"] for record in caplog.records if record.name == "notify.usecases.sweep"]
    assert told == [1]


async def test_what_was_settled_is_counted_once(notify: Notify) -> None:
    notify.mail.rcpt += ["451 later", "550 5.1.1 No such user"]
    await notify.tell("appointment.confirmed", LETTER)
    notify.clock.pass_by(seconds=15)
    await notify.send()
    await count_settled(notify.pool, notify.clock)
    assert await totals(notify) == set()  # still young
    for _ in range(2):
        notify.clock.pass_by(minutes=1)
        await count_settled(notify.pool, notify.clock)
    assert await totals(notify) == {("confirmation", "accepted", 1, 2), ("invite", "failed", 1, 1)}
    await notify.tell("appointment.link_requested", LETTER)
    notify.clock.pass_by(minutes=1)
    await count_settled(notify.pool, notify.clock)
    assert ("link", "accepted", 1, 1) in await totals(notify)


async def test_two_who_count_at_once_count_each_mail_once(notify: Notify) -> None:
    """The second begins while the first has counted and not yet committed."""
    await notify.tell("appointment.confirmed", LETTER)
    notify.clock.pass_by(minutes=1)
    async with notify.pool.acquire() as connection, connection.transaction():
        await add_settled(connection, notify.clock())
        second = asyncio.create_task(count_settled(notify.pool, Clock(notify.clock() + timedelta(minutes=1))))

        async def waits_or_is_done() -> bool:
            return second.done() or bool(await notify.pool.fetchval(WAITERS))

        await eventually(waits_or_is_done)
    await second
    assert await totals(notify) == {("confirmation", "accepted", 1, 1), ("invite", "accepted", 1, 1)}


async def totals(notify: Notify) -> set[tuple[str, str, int, int]]:
    async with notify.pool.acquire() as connection:
        return {(total.kind, total.state, total.mails, total.tries) for total in await list_totals(connection)}
