"""What time alone brings about."""

from tests.notify.conftest import Notify
from tests.notify.letters import LETTER

from notify.usecases.sweep import close_old


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
