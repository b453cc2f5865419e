"""Mail servers left in peace: how long, for whom, and what ends it."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.notify.conftest import Notify
from tests.notify.letters import a_clerk, a_letter

from contracts.booking import CalendarEntry
from notify.domain.pausing import Pause, pause_after
from notify.domain.sending import Outcome
from notify.mail.lines import Lines
from notify.store.pauses import list_pauses
from notify.usecases.send_delivery import send_delivery

NOW = datetime(2027, 3, 22, 9, 0, tzinfo=UTC)
LOCKED = Outcome("locked_out", 535)
SLOWED = Outcome("deferred", 421, slow_down=True)
AWAY = Outcome("unreachable")
TAKEN = Outcome("accepted", 250)


@pytest.mark.parametrize(
    ("outcome", "known", "pause"),
    [
        (TAKEN, None, None),
        (Outcome("deferred", 451), None, None),
        (Outcome("cut_off"), None, None),
        (LOCKED, None, ("locked_out", 1, 30)),
        (LOCKED, ("locked_out", 1), ("locked_out", 2, 60)),
        (LOCKED, ("locked_out", 4), ("locked_out", 4, 900)),
        (LOCKED, ("unreachable", 4), ("locked_out", 1, 30)),
        (AWAY, ("unreachable", 2), ("unreachable", 3, 30)),
        (Outcome("unreachable", 421, slow_down=True), None, ("slow_down", 1, 10)),
        (SLOWED, ("slow_down", 2), ("slow_down", 3, 40)),
        (TAKEN, ("locked_out", 3), None),
        (TAKEN, ("unreachable", 3), None),
        (TAKEN, ("slow_down", 3), ("slow_down", 2, 2)),
        (TAKEN, ("slow_down", 2), ("slow_down", 1, 1)),
        (TAKEN, ("slow_down", 1), None),
        (Outcome("address_refused", 550), ("slow_down", 3), ("slow_down", 3, 4)),
    ],
)
def test_what_follows_from_an_outcome(
    outcome: Outcome, known: tuple[str, int] | None, pause: tuple[str, int, int] | None
) -> None:
    before = Pause(known[0], known[1], NOW) if known else None  # type: ignore[arg-type] # one of its words
    expected = (pause[0], pause[1], NOW + timedelta(seconds=pause[2])) if pause else None
    assert pause_after(outcome, before, NOW) == expected


async def prepare_many(notify: Notify, count: int) -> None:
    """A mail to the citizen, and `count` to clerks."""
    clerks = tuple(
        a_clerk(email=f"clerk-{n}@heinsberg.example", calendar=CalendarEntry(uid=f"entry-{n}", sequence=0))
        for n in range(count)
    )
    await notify.hear("appointment.confirmed", a_letter(clerks=clerks))
    await notify.prepare()


async def pauses(notify: Notify) -> list[tuple[str, int]]:
    async with notify.pool.acquire() as connection:
        return [(row.cause, row.level) for row in await list_pauses(connection)]


async def test_all_senders_keep_a_pause_and_one_mail_goes_alone_as_a_probe(notify: Notify) -> None:
    await prepare_many(notify, 3)
    notify.mail.mail.append("535 5.7.8 Authentication failed")
    await send_delivery(notify.sending)
    other = notify.sending._replace(lines=Lines())  # of another worker
    assert await send_delivery(other) == 0
    assert await pauses(notify) == [("locked_out", 1)]
    notify.clock.pass_by(seconds=31)
    probe = await notify.sending.desk.claim()
    assert probe is not None
    assert await notify.sending.desk.claim() is None
    await other.lines.close()


async def test_a_server_that_is_away_is_probed_and_then_gets_all(notify: Notify) -> None:
    port = notify.mail.port
    await prepare_many(notify, 3)
    await notify.mail.stop()
    await notify.send()
    assert await pauses(notify) == [("unreachable", 1)]
    notify.clock.pass_by(seconds=6)
    await notify.send()
    assert await pauses(notify) == [("unreachable", 2)]
    tries = sorted(delivery.tries for delivery in await notify.listed())
    assert tries == [0, 0, 1, 1]  # the others did not even try
    await notify.mail.start(port)
    notify.clock.pass_by(minutes=2)
    await notify.send()
    assert {state for _, state in await notify.states()} == {"accepted"}
    assert await pauses(notify) == []


async def test_a_relay_that_asks_for_less_gets_one_after_the_other_at_first(notify: Notify) -> None:
    await prepare_many(notify, 4)
    notify.mail.rcpt += ["421 4.7.0 Too many", "432 4.3.2 Slow down"]
    await notify.send()
    notify.clock.pass_by(seconds=11)
    await notify.send()
    assert await pauses(notify) == [("slow_down", 2)]
    notify.clock.pass_by(seconds=21)
    await notify.send()
    assert (await pauses(notify), len(notify.mail.taken)) == ([("slow_down", 1)], 1)
    notify.clock.pass_by(minutes=5)
    await notify.send()
    assert (await pauses(notify), len(notify.mail.taken)) == ([], 5)


async def test_an_account_that_cannot_be_read_stops_its_tenant_alone(notify: Notify) -> None:
    await prepare_many(notify, 1)
    await notify.pool.execute("INSERT INTO smtp_account VALUES ('heinsberg', 't@heinsberg.example', 'x', now())")
    await notify.send()
    assert {(delivery.state, delivery.tries) for delivery in await notify.listed()} == {("queued", 0)}
    rows = await notify.pool.fetch("SELECT account, cause FROM relay_pause")
    assert [tuple(row) for row in rows] == [("heinsberg", "locked_out")]
