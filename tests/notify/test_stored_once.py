"""At least once on the wire, once to the eye: Debian's dovecot keeps one of the copies that reach the recipient."""

import asyncio
from collections.abc import Iterator
from email import message_from_bytes

import pytest
from tests.notify.conftest import Notify
from tests.notify.inbound import dovecot
from tests.notify.inbound.dovecot import Dovecot, running_dovecot
from tests.notify.letters import a_letter

from notify.usecases.resend_delivery import Resend, resend_delivery

# That the copies are the same bytes, `test_send_delivery.py` says everywhere.
pytestmark = pytest.mark.skipif(not dovecot.HAS_SIEVE, reason=dovecot.WHY_NO_SIEVE)  # Debian packages: need root


@pytest.fixture
def recipient() -> Iterator[Dovecot]:
    """Its Sieve script discards what is a duplicate (RFC 7352)."""
    with running_dovecot() as server:
        yield server


async def test_sent_three_times_it_is_stored_once_and_a_persons_resend_beside_it(
    notify: Notify, recipient: Dovecot
) -> None:
    notify.mail.data += ["drop_after_dot", "drop_after_dot"]
    await notify.tell("appointment.confirmed", a_letter(clerks=()))
    for _ in range(2):
        notify.clock.pass_by(minutes=2)
        await notify.send()
    (delivery,) = await notify.listed()
    assert (delivery.state, len(notify.mail.taken)) == ("accepted", 3)
    assert await stored(notify, recipient) == 1
    await resend_delivery(notify.pool, notify.clock, "termine@schalter.example", Resend(delivery.id, None, "once-more"))
    await notify.send()
    assert len(notify.mail.taken) == 4
    assert await stored(notify, recipient) == 2


async def stored(notify: Notify, recipient: Dovecot) -> int:
    """How many mails lie in the recipient's inbox, after all copies that we sent were handed over."""
    for _, _, data in notify.mail.taken:
        await asyncio.to_thread(recipient.hand_over, data)
    kept = await asyncio.to_thread(recipient.list, "INBOX")
    ids = [message_from_bytes(mail)["Message-ID"] for mail in kept]
    assert set(ids) == {message_from_bytes(data)["Message-ID"] for _, _, data in notify.mail.taken}
    return len(ids)
