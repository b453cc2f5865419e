"""An invitation to book: a mail about no appointment."""

import msgspec
import pytest
from tests.notify.conftest import Notify
from tests.notify.letters import INVITATION, TENANT
from tests.notify.reading import read, shape, text_of
from tests.notify.writing import written_invitation

from notify.usecases.sweep import close_old


async def test_an_invitation_reaches_whom_staff_invited(notify: Notify) -> None:
    await notify.invite(INVITATION)
    await notify.prepare()
    await notify.send()
    ((_, recipient, data),) = notify.mail.taken
    message = read(data)
    assert recipient == INVITATION.email
    assert message["Reply-To"] == TENANT.email
    assert shape(message) == ("alternative", "text/plain", "text/html")
    for needed in (
        INVITATION.url,
        "Abholung Ausweisdokumente",
        "Bürgerbüro",
        "alter Ausweis",
        "Ihr Ausweis liegt bereit.",
        "Montag, 5. April 2027, 11:00 Uhr",
    ):
        assert needed in text_of(message)
    (delivery,) = await notify.listed(INVITATION.invitation_id)
    assert (delivery.kind, delivery.state) == ("invitation", "accepted")
    assert (delivery.appointment_id, delivery.invitation_id) == (None, INVITATION.invitation_id)


async def test_an_event_heard_twice_is_told_once(notify: Notify) -> None:
    for _ in range(2):
        await notify.invite(INVITATION)
        await notify.prepare()
    await notify.send()
    assert len(notify.mail.taken) == 1


async def test_one_that_is_used_or_withdrawn_is_not_told(notify: Notify) -> None:
    await notify.invite(INVITATION)
    notify.booking.invitation = None
    await notify.prepare()
    notify.clock.pass_by(hours=1)
    await notify.prepare()
    assert (await notify.listed(INVITATION.invitation_id), notify.booking.calls) == ([], 1)


async def test_one_past_its_time_is_not_sent(notify: Notify) -> None:
    await notify.invite(INVITATION)
    await notify.prepare()
    notify.clock.pass_by(days=14)
    await notify.send()
    assert [delivery.state for delivery in await notify.listed(INVITATION.invitation_id)] == ["expired"]


async def test_booking_away_delays_and_loses_nothing(notify: Notify) -> None:
    notify.booking.status = 503
    await notify.invite(INVITATION)
    await notify.prepare()
    notify.booking.status = None
    notify.clock.pass_by(minutes=1)
    await notify.prepare()
    await notify.send()
    assert len(notify.mail.taken) == 1


async def test_no_person_and_no_link_is_left_after_the_retention(notify: Notify) -> None:
    await notify.invite(INVITATION)
    await notify.prepare()
    await notify.send()
    traces = ("erika", "e…@", "676568656")  # the last: "gehei" in bytes
    before, after = [], []
    for found in (before, after):
        row = await notify.pool.fetchval("SELECT delivery::text FROM delivery")
        found += [trace for trace in traces if trace in row]
        notify.clock.pass_by(days=7, hours=1)
        await close_old(notify.pool, notify.clock)
    assert (before, after) == (list(traces), [])


@pytest.mark.parametrize("language", ["de", "en"])
def test_without_a_note_there_is_no_empty_quotation(language: str) -> None:
    for part in ("plain", "html"):
        text = text_of(
            read(written_invitation(msgspec.structs.replace(INVITATION, language=language, note=" \n"))), part
        )
        assert "Mitteilung" not in text
        assert "Message" not in text
        assert "blockquote" not in text
