"""Many preparers and senders at once: every mail once, and in order."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.notify.conftest import Notify
from tests.notify.letters import a_letter, a_letter_about, at_sequence
from tests.notify.peers import MailServer
from tests.notify.reading import calendar_of, read

from notify.mail.lines import Lines
from notify.usecases.prepare_notice import prepare_notice
from notify.usecases.send_delivery import send_delivery

APPOINTMENTS = 12


async def drain(step: Callable[[], Awaitable[int]]) -> None:
    while await step():
        pass


async def test_two_preparers_write_each_mail_once(notify: Notify) -> None:
    for version in range(3, 9):
        await notify.hear("appointment.moved", a_letter(version=version))
    await asyncio.gather(*(drain(lambda: prepare_notice(notify.preparation)) for _ in range(4)))
    while await prepare_notice(notify.preparation):  # of one appointment only the oldest is free at a time
        pass
    assert [kind for kind, _ in await notify.states()] == ["changed", "invite"]


async def test_senders_side_by_side_send_each_mail_once_and_in_order(notify: Notify, mail: MailServer) -> None:
    for number in range(APPOINTMENTS):
        await notify.hear("appointment.confirmed", a_letter_about(number))
        await notify.prepare()
        mail.data += ["451 4.3.0 Busy"] if number % 3 == 0 else []
    sendings = [notify.sending._replace(lines=Lines()) for _ in range(4)]

    async def send_all() -> None:
        await asyncio.gather(*(drain(lambda one=one: send_delivery(one)) for one in sendings))  # type: ignore[misc]

    await send_all()
    for number in range(APPOINTMENTS):
        await notify.hear("appointment.moved", at_sequence(a_letter_about(number), 1))
        await notify.prepare()
    for _ in range(4):
        await send_all()
        notify.clock.pass_by(minutes=2)
    for sending in sendings:
        await sending.lines.close()
    sent: dict[str, list[int]] = {}
    for _, _, data in mail.taken:
        event = calendar_of(read(data)).walk("VEVENT")[0]
        sent.setdefault(str(event["UID"]), []).append(int(event["SEQUENCE"]))
    assert len(sent) == APPOINTMENTS
    # Those that the server was too busy for were superseded before they left; nobody got one twice or out of order.
    assert set(map(tuple, sent.values())) <= {(0, 1), (1,)}
    states = await notify.pool.fetch("SELECT DISTINCT state FROM delivery")
    assert {row["state"] for row in states} == {"accepted", "suppressed"}
