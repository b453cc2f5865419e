"""A clerk cannot come: the deputy is told by mail, once for each task, and not of one that somebody has seen to."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.notify.conftest import Notify
from tests.notify.letters import CLERK, START, TASK, TENANT, a_clerk, a_letter
from tests.notify.reading import read, shape, text_of

from contracts.booking import Letter
from contracts.tenant import TenantsFile
from notify.usecases.configure import configure

ASKED = a_letter(clerks=(a_clerk(channel="feed"),), reassign_task=TASK)
AGAIN = msgspec.structs.replace(
    ASKED, version=5, reassign_task=msgspec.structs.replace(TASK, asked_at=TASK.asked_at + timedelta(hours=3))
)
DONE = msgspec.structs.replace(ASKED, reassign_task=None, version=4)


async def ask(notify: Notify, letter: Letter = ASKED) -> None:
    await notify.hear("appointment.reassign_task", letter)
    await notify.prepare()


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        (
            "de",
            "Vertretung gesucht: Termin HS-7K2M, Mo., 29.03., 10:00 Uhr",
            ("Guten Tag Jörg Peters,", "Kübra Özdemir kann diesen Termin nicht", "Dienstag, 23. März 2027, 10:00 Uhr"),
        ),
        (
            "en",
            "Deputy needed: appointment HS-7K2M, Mon 29 Mar, 10:00",
            ("Dear Jörg Peters,", "Kübra Özdemir cannot keep this appointment", "Tuesday, 23 March 2027, 10:00"),
        ),
    ],
)
async def test_it_says_which_visit_and_until_when_and_nothing_of_the_citizen(
    notify: Notify, language: str, subject: str, words: tuple[str, ...]
) -> None:
    naming = msgspec.structs.replace(TENANT, clerk_language=language, clerk_calendars_name_citizens=True)
    await configure(notify.pool, TenantsFile((naming,)))
    await ask(notify)
    await notify.send()
    ((_, recipient, data),) = notify.mail.taken
    mail = read(data)
    assert (recipient, mail["Subject"]) == (TASK.email, subject)
    assert shape(mail) == ("alternative", "text/plain", "text/html")
    for told in (" ".join(text_of(mail).split()), " ".join(text_of(mail, "html").split())):
        assert [word for word in words if word not in told] == []
        for secret in ("Mustermann", "erika", "geheim", "ausweis", "Lichtbild", "92,00", CLERK.email):
            assert secret not in told
    assert await notify.pool.fetchval("SELECT count(*) FROM named_citizen") == 0


async def test_a_task_is_told_once_and_again_when_it_is_opened_again(notify: Notify) -> None:
    for letter in (ASKED, ASKED, AGAIN, AGAIN):
        await ask(notify, letter)
        await notify.send()
    assert await notify.states() == [("reassign", "accepted")] * 2


@pytest.mark.parametrize(
    "changes",
    [
        {"reassign_task": None},  # seen to; or the leads', whose address nobody knows
        {"state": "cancelled_by_office"},
        {"state": "in_service"},
    ],
)
async def test_what_is_seen_to_before_the_mail_is_written_is_not_told(notify: Notify, changes: dict[str, Any]) -> None:
    await ask(notify, msgspec.structs.replace(ASKED, **changes))
    assert "reassign" not in [kind for kind, _ in await notify.states()]


@pytest.mark.parametrize(
    "type_", ["appointment.reassign_task", "appointment.reassigned", "appointment.moved", "appointment.changed"]
)
async def test_what_is_seen_to_while_the_mail_waits_is_not_told(notify: Notify, type_: Any) -> None:
    notify.mail.rcpt.append("450 greylisted")
    await ask(notify)
    await notify.send()
    await notify.tell(type_, DONE)
    assert [state for kind, state in await notify.states() if kind == "reassign"] == ["suppressed"]
    notify.clock.pass_by(hours=1)
    await notify.send()
    assert TASK.email not in [to for _, to, _ in notify.mail.taken]


async def test_nor_of_a_visit_that_is_called_off_or_has_begun(notify: Notify) -> None:
    await ask(notify)
    gone = msgspec.structs.replace(DONE, state="cancelled_by_citizen")
    await notify.tell("appointment.cancelled", gone)
    assert TASK.email not in [to for _, to, _ in notify.mail.taken]
    await ask(notify, AGAIN)
    notify.clock.now = START
    await notify.send()
    assert [state for kind, state in await notify.states() if kind == "reassign"] == ["suppressed", "expired"]


async def test_it_waits_while_the_task_is_open(notify: Notify) -> None:
    """Another change of the visit is no reason to say nothing."""
    notify.mail.rcpt.append("450 greylisted")
    await ask(notify)
    await notify.send()
    await notify.tell("appointment.changed", msgspec.structs.replace(ASKED, version=4))
    notify.clock.pass_by(seconds=30)
    await notify.send()
    assert ("reassign", "accepted") in await notify.states()
