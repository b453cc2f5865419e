"""A real postfix between us and the recipient: its TLS, the DSN that it makes of a refusal, a postgrey at its door."""

import re
from email import message_from_bytes
from pathlib import Path

from tests.notify.certificates import make_certificate
from tests.notify.conftest import Notify
from tests.notify.letters import LETTER, a_letter
from tests.notify.peers import MailServer
from tests.notify.postfix import greylist, postfix
from tests.support.waiting import eventually
from tests.support.worker import free_port

from notify.domain.addresses import bounce_address
from notify.mail.accounts import Account, Accounts
from notify.mail.lines import Lines
from notify.mail.smtp import Server
from notify.usecases.send_delivery import Sending
from notify.usecases.take_mail import Position, Taking, take_mail

FOR_CITIZEN = a_letter(clerks=())


def by(notify: Notify, port: int, trusted: Path, host: str = "localhost") -> Sending:
    server = Server(host=host, port=port, tls="starttls", ca_file=str(trusted), local_hostname="n.test", timeout_s=10)
    return notify.sending._replace(accounts=Accounts(Account(server, "bounce.example"), None), lines=Lines())


async def test_starttls_with_a_verified_certificate_and_none_other(
    notify: Notify, mail: MailServer, tmp_path: Path
) -> None:
    ours, theirs = make_certificate(tmp_path, "localhost"), make_certificate(tmp_path, "other.test")
    port = free_port()
    async with postfix(port, mail.port, ours):
        strict = notify._replace(sending=by(notify, port, theirs))
        await strict.tell("appointment.confirmed", FOR_CITIZEN)
        assert [(delivery.state, delivery.tries) for delivery in await notify.listed()] == [("queued", 0)]
        assert await notify.pool.fetchval("SELECT cause FROM relay_pause") == "locked_out"
        notify.clock.pass_by(minutes=1)
        trusting = notify._replace(sending=by(notify, port, ours))
        await trusting.send()
        assert await notify.states() == [("confirmation", "accepted")]

        async def arrived() -> bool:
            return len(mail.taken) == 1

        await eventually(arrived)
        await trusting.sending.lines.close()
    assert mail.taken[0][1] == "erika.mustermann@example.org"


async def test_a_refusal_behind_the_relay_comes_back_to_the_address_that_names_the_delivery(
    notify: Notify, mail: MailServer, tmp_path: Path
) -> None:
    certificate, port = make_certificate(tmp_path, "localhost"), free_port()
    mail.rcpt.append("550 5.1.1 No such user")
    async with postfix(port, mail.port, certificate):
        relayed = notify._replace(sending=by(notify, port, certificate))
        await relayed.tell("appointment.confirmed", FOR_CITIZEN)
        (delivery,) = await notify.listed()
        assert delivery.state == "accepted"

        async def came_back() -> bool:
            return len(mail.taken) == 1

        await eventually(came_back)
        await relayed.sending.lines.close()
    sender, recipient, data = mail.taken[0]
    assert (sender, recipient) == ("<>", bounce_address(relayed.sending.key, delivery.id, "bounce.example"))
    report = message_from_bytes(data)
    assert report.get_content_type() == "multipart/report"
    words = data.decode()
    assert f"Original-Envelope-Id: {delivery.id.hex}" in words
    assert re.search(r"Action: failed\s", words)
    assert "text/rfc822-headers" in words  # RET=HDRS: what was said does not travel back
    assert LETTER.manage_url not in words
    taking = Taking(notify.pool, notify.clock, relayed.sending.key)
    await take_mail(taking, Position("box", 1, 1), data)
    assert await notify.states() == [("confirmation", "bounced")]


async def test_a_greylist_sends_it_back_once_and_takes_the_same_bytes_later(
    notify: Notify, mail: MailServer, tmp_path: Path
) -> None:
    certificate, port = make_certificate(tmp_path, "localhost"), free_port()
    async with greylist(delay_s=1) as asked, postfix(port, mail.port, certificate, asked):
        relayed = notify._replace(sending=by(notify, port, certificate))
        await relayed.tell("appointment.confirmed", FOR_CITIZEN)
        (delivery,) = await notify.listed()
        assert (delivery.state, delivery.cause, mail.taken) == ("retry_wait", "deferred_450", [])
        stored = await notify.pool.fetchval("SELECT message FROM delivery")

        async def taken() -> bool:
            notify.clock.pass_by(minutes=2)  # ours; postgrey's second passes by itself
            await relayed.send()
            return await notify.states() == [("confirmation", "accepted")]

        await eventually(taken)

        async def arrived() -> bool:
            return len(mail.taken) == 1

        await eventually(arrived)
        await relayed.sending.lines.close()
    assert mail.taken[0][2].endswith(stored)
