"""One connection to the mail server: a mail at a time, and what became of it.

`mail`, `rcpt` and `data` are called one by one, since what a fault means depends on where it happened: before DATA the
mail has not left; after DATA it may have arrived, whatever the fault looks like (RFC 5321, 4.5.3.2 and 6.1).
"""

import asyncio
import re
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Literal

import aiosmtplib
import msgspec
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from notify.domain.refusal import blames_us
from notify.domain.sending import Outcome

IDLE_MAX_S = 20
"""A connection unused for longer is made anew: servers close idle ones without asking."""

_SLOW_DOWN = frozenset({421, 432})
_NOT_US = frozenset({530, 534, 535, 538})
"""Authentication required or refused (RFC 4954): a matter between the server and us."""

_TOO_LARGE = 552
_NOBODY_THERE = re.compile(r"(?!5\.\d)|5\.1\.|5\.2\.1\b")
"""Enhanced codes (RFC 3463) that blame the address; and none at all. Others, as of policy, say nothing about it."""

_NOT_OFFERED = (SMTPException, SMTPNotSupported)
"""The library raises its plain base class where the server offers no STARTTLS or no AUTH."""

Final = Literal["refused", "address_refused", "locked_out"]
"""What a 5xx means."""

BeforeData = Callable[[], Awaitable[bool]]
"""Commits that DATA begins; False: somebody else has the mail by now, and nothing may be sent."""


class ClaimLost(Exception):
    """The lease ran out before DATA: another sender has the mail."""


class Server(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    port: int
    user: str | None = None
    password: str | None = None
    tls: Literal["none", "starttls", "tls"] = "starttls"
    ca_file: str | None = None
    """PEM file of the authority that signed the server's certificate; None: those the system knows."""
    local_hostname: str | None = None
    timeout_s: float = 60


class Envelope(msgspec.Struct, frozen=True):
    sender: str
    recipient: str
    id: str
    """ENVID of delivery status notifications (RFC 3461), where the server offers them."""


class Line:
    """A connection that is opened when needed and used again. For one task alone."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._client: aiosmtplib.SMTP | None = None
        self._used_at = 0.0

    async def send(self, envelope: Envelope, message: bytes, before_data: BeforeData) -> Outcome:
        """Raises ClaimLost; every fault of the server is an Outcome."""
        opened = await self._open()
        if isinstance(opened, Outcome):
            return opened
        outcome: Outcome | None = None
        try:
            outcome = await _hand_over(opened, envelope, message, before_data)
        finally:
            self._used_at = time.monotonic()
            if outcome is None or outcome.result != "accepted":
                await self.close()
        return outcome

    async def close(self) -> None:
        client, self._client = self._client, None
        if client and client.is_connected:
            try:
                async with asyncio.timeout(2):
                    await client.quit()
            except (SMTPException, OSError, TimeoutError):
                pass
            finally:
                client.close()

    async def _open(self) -> aiosmtplib.SMTP | Outcome:
        if self._client and self._client.is_connected and time.monotonic() - self._used_at < IDLE_MAX_S:
            return self._client
        await self.close()
        client = _new_client(self._server)
        try:
            await client.connect()
        except (SMTPException, OSError) as error:
            return _fault_of_connecting(error)
        self._client = client
        return client


def _new_client(server: Server) -> aiosmtplib.SMTP:
    context = None if server.tls == "none" else ssl.create_default_context(cafile=server.ca_file)
    return aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        local_hostname=server.local_hostname,
        timeout=server.timeout_s,
        use_tls=server.tls == "tls",
        start_tls=server.tls == "starttls",
        tls_context=context,
    )


async def _hand_over(client: aiosmtplib.SMTP, envelope: Envelope, message: bytes, before_data: BeforeData) -> Outcome:
    try:
        await _address(client, envelope)
    except SMTPRecipientRefused as error:
        return _refusal(error.code, _meaning_at_rcpt(error.message))
    except SMTPResponseException as error:
        return _refusal(error.code, "refused" if error.code == _TOO_LARGE else "locked_out")
    except (SMTPException, OSError):
        return Outcome("cut_off")
    if not await before_data():
        raise ClaimLost
    try:
        response = await client.data(message)
    except SMTPDataError as error:
        return _refusal(error.code, "refused")
    except (SMTPException, OSError):
        return Outcome("unknown")
    return Outcome("accepted", response.code)


async def _address(client: aiosmtplib.SMTP, envelope: Envelope) -> None:
    if client.is_ehlo_or_helo_needed:
        await client.ehlo()
    notifies = client.supports_extension("dsn")
    await client.mail(envelope.sender, options=[f"ENVID={envelope.id}", "RET=HDRS"] if notifies else [])
    await client.rcpt(envelope.recipient, options=["NOTIFY=FAILURE,DELAY"] if notifies else [])


def _meaning_at_rcpt(text: str) -> Final:
    if blames_us(text):  # many servers refuse our sender here only
        return "locked_out"
    return "address_refused" if _NOBODY_THERE.match(text) else "refused"


def _refusal(code: int, final: Final) -> Outcome:
    if code in _NOT_US:
        return Outcome("locked_out", code)
    if 500 <= code < 600:
        return Outcome(final, code)
    return Outcome("deferred", code, slow_down=code in _SLOW_DOWN)


def _fault_of_connecting(error: Exception) -> Outcome:
    """A wrong password, a wrong certificate, a server without TLS or AUTH: the same for every mail; none is blamed."""
    if isinstance(error, SMTPAuthenticationError) and error.code >= 500:
        return Outcome("locked_out", error.code)
    if type(error) in _NOT_OFFERED or _is_certificate(error):
        return Outcome("locked_out")
    if isinstance(error, SMTPHeloError | SMTPResponseException):
        kind: Literal["locked_out", "unreachable"] = "locked_out" if error.code >= 500 else "unreachable"
        return Outcome(kind, error.code, slow_down=error.code in _SLOW_DOWN)
    return Outcome("unreachable")


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
