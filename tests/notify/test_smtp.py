"""What the server did, as an outcome. Faults of TLS and login need certificates."""

import asyncio
import ssl
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from tests.notify.certificates import make_certificate
from tests.notify.peers import MailServer

from notify.domain.sending import Outcome
from notify.mail.smtp import ClaimLost, Envelope, Line, Server

ENVELOPE = Envelope("b+1@schalter.example", "erika@example.org", "abc")
MESSAGE = b"Subject: x\r\n\r\n.first\r\n..second\r\n"


async def begin() -> bool:
    return True


async def test_bytes_arrive_unchanged_and_the_connection_is_used_again(mail: MailServer, line: Line) -> None:
    for _ in range(3):
        assert await line.send(ENVELOPE, MESSAGE, begin) == Outcome("accepted", 250)
    assert {data for _, _, data in mail.taken} == {MESSAGE}
    assert mail.connections == 1


@pytest.mark.parametrize(
    ("where", "answer", "outcome"),
    [
        ("mail", "451 later", Outcome("deferred", 451)),
        ("mail", "550 sender denied", Outcome("locked_out", 550)),
        ("mail", "552 too large", Outcome("refused", 552)),
        ("mail", "530 log in first", Outcome("locked_out", 530)),
        ("rcpt", "450 later", Outcome("deferred", 450)),
        ("rcpt", "421 too many", Outcome("deferred", 421, slow_down=True)),
        ("rcpt", "432 too many", Outcome("deferred", 432, slow_down=True)),
        ("rcpt", "550 unknown", Outcome("address_refused", 550)),
        ("rcpt", "550 5.1.1 unknown", Outcome("address_refused", 550)),
        ("rcpt", "550 5.1.10 Recipient not found", Outcome("address_refused", 550)),
        ("rcpt", "550 relay.4711@example.org: unknown on sender.example", Outcome("address_refused", 550)),
        ("rcpt", "554 5.7.1 Denied by policy", Outcome("refused", 554)),
        ("rcpt", "554 5.7.1 <x@relay.example>: Recipient address rejected: Access denied", Outcome("refused", 554)),
        ("rcpt", "554 5.7.1 <x@example.org>: Relay access denied", Outcome("locked_out", 554)),
        ("rcpt", "550 relay not permitted", Outcome("locked_out", 550)),
        ("rcpt", "550 Sender verify failed", Outcome("locked_out", 550)),
        ("rcpt", "550 5.1.7 Invalid address", Outcome("locked_out", 550)),
        ("rcpt", "550 5.1.8 <x@example.org>: Sender address rejected: Domain not found", Outcome("locked_out", 550)),
        ("rcpt", "552 5.2.2 mailbox full", Outcome("refused", 552)),
        ("data", "452 no room", Outcome("deferred", 452)),
        ("data", "554 spam", Outcome("refused", 554)),
        ("data", "drop_after_data", Outcome("unknown")),
        ("data", "drop_after_dot", Outcome("unknown")),
    ],
)
async def test_outcomes(mail: MailServer, line: Line, where: str, answer: str, outcome: Outcome) -> None:
    getattr(mail, where).append(answer)
    assert await line.send(ENVELOPE, MESSAGE, begin) == outcome
    assert (await line.send(ENVELOPE, MESSAGE, begin)).result == "accepted"  # the line is well again


@pytest.mark.parametrize("offered", [True, False])
async def test_notifications_are_asked_for_where_the_server_knows_them(
    mail: MailServer, line: Line, *, offered: bool
) -> None:
    mail.offers_dsn = offered
    assert (await line.send(ENVELOPE, MESSAGE, begin)).result == "accepted"
    assert mail.dsn == (["ENVID=abc", "RET=HDRS", "NOTIFY=FAILURE,DELAY"] if offered else [])


async def test_a_server_that_is_away(mail: MailServer, line: Line) -> None:
    await mail.stop()
    assert await line.send(ENVELOPE, MESSAGE, begin) == Outcome("unreachable")


async def test_a_server_that_goes_away_between_two_mails(mail: MailServer, line: Line) -> None:
    await line.send(ENVELOPE, MESSAGE, begin)
    port = mail.port
    await mail.stop()
    await mail.start(port)
    assert (await line.send(ENVELOPE, MESSAGE, begin)).result in {"cut_off", "accepted"}
    assert (await line.send(ENVELOPE, MESSAGE, begin)).result == "accepted"


async def test_without_the_claim_not_a_byte_of_the_mail_is_sent(mail: MailServer, line: Line) -> None:
    async def refuse() -> bool:
        return False

    with pytest.raises(ClaimLost):
        await line.send(ENVELOPE, MESSAGE, refuse)
    assert mail.taken == []
    assert (await line.send(ENVELOPE, MESSAGE, begin)).result == "accepted"


class Taker:
    async def handle_DATA(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
        return "250 OK"


async def send_over_tls(certificate: Path, trusted: Path, password: str) -> Outcome:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def session() -> SMTP:
        return SMTP(
            Taker(),
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=lambda *args: AuthResult(success=args[-1].password == b"right", handled=False),
        )

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
    settings = Server(
        host="localhost",
        port=server.sockets[0].getsockname()[1],
        tls="starttls",
        user="notify",
        password=password,
        ca_file=str(trusted),
        local_hostname="notify.test",
        timeout_s=5,
    )
    line = Line(settings)
    try:
        return await line.send(ENVELOPE, MESSAGE, begin)
    finally:
        await line.close()
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0.05)


async def test_starttls_with_a_verified_certificate_and_login(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, "localhost")
    assert await send_over_tls(certificate, certificate, "right") == Outcome("accepted", 250)


async def test_a_wrong_password_locks_us_out(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, "localhost")
    assert await send_over_tls(certificate, certificate, "wrong") == Outcome("locked_out", 535)


async def test_a_certificate_of_somebody_else_locks_us_out(tmp_path: Path) -> None:
    ours, theirs = make_certificate(tmp_path, "localhost"), make_certificate(tmp_path, "other.test")
    assert await send_over_tls(theirs, theirs, "right") == Outcome("locked_out")  # another name
    assert await send_over_tls(ours, theirs, "right") == Outcome("locked_out")  # not signed by whom we trust


async def test_a_server_without_tls_locks_us_out(mail: MailServer) -> None:
    line = Line(Server(host="127.0.0.1", port=mail.port, tls="starttls", local_hostname="notify.test"))
    assert await line.send(ENVELOPE, MESSAGE, begin) == Outcome("locked_out")
