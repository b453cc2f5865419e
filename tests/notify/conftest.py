"""A notify on real PostgreSQL, with a real mail server and a real letter server, stepped by hand."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import msgspec
import pytest
from tests.notify.letters import LETTER, NOW, TENANT, an_event, an_invitation_event
from tests.notify.peers import TOKEN, Clock, LetterServer, MailServer, letter_server, mail_server

from contracts.booking import AppointmentEventType, InvitationLetter, Letter
from contracts.calendars import ClerkCalendarEvent
from contracts.tenant import TenantsFile
from kit.sql import Pool
from kit.trust import public_authorities
from notify.clients.booking import BookingClient
from notify.mail.accounts import Account, Accounts
from notify.mail.lines import Lines
from notify.mail.smtp import Line, Server
from notify.store.delivery_lists import DeliveryView, list_deliveries
from notify.usecases.configure import configure
from notify.usecases.prepare_notice import Preparation, prepare_notice
from notify.usecases.send_delivery import Desk, Sending, send_delivery
from notify.usecases.sweep import release_dead_senders
from notify.usecases.take_event import event_taker, take_event
from notify.usecases.write_digests import write_digests
from notify.usecases.write_mail import Office

KEY = "key-of-the-notify-tests"
ACCOUNTS_KEY = "a2V5LW9mLXRoZS1hY2NvdW50cy1vZi10aGUtdGVzdHM="
OFFICE = Office("termine@schalter.example", KEY)


class Notify(NamedTuple):
    pool: Pool
    clock: Clock
    mail: MailServer
    booking: LetterServer
    preparation: Preparation
    sending: Sending

    async def hear(self, type_: AppointmentEventType, letter: Letter, **changes: Any) -> None:
        """The event, with the letter as booking's answer from now on."""
        self.booking.letter = letter
        async with self.pool.acquire() as connection, connection.transaction():
            await take_event(connection, an_event(type_, letter, **changes), self.clock)

    async def invite(self, letter: InvitationLetter) -> None:
        self.booking.invitation = letter
        payload = msgspec.json.encode(an_invitation_event(letter))
        async with self.pool.acquire() as connection, connection.transaction():
            await event_taker(self.clock)(connection, "booking.invitation.sent", payload)

    async def choose(self, choice: ClerkCalendarEvent) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            await event_taker(self.clock)(connection, f"booking.{choice.type}", msgspec.json.encode(choice))

    async def digest(self) -> int:
        return await write_digests(self.preparation)

    async def prepare(self) -> None:
        while await prepare_notice(self.preparation):
            pass

    async def send(self) -> None:
        """All that is due now."""
        while await send_delivery(self.sending):
            pass

    async def tell(self, type_: AppointmentEventType, letter: Letter, **changes: Any) -> None:
        await self.hear(type_, letter, **changes)
        await self.prepare()
        await self.send()

    async def release(self) -> int:
        return await release_dead_senders(self.pool, self.clock)

    async def listed(self, subject_id: UUID = LETTER.appointment_id) -> list[DeliveryView]:
        async with self.pool.acquire() as connection:
            return await list_deliveries(connection, subject_id, None)

    async def states(self) -> list[tuple[str, str]]:
        return [(delivery.kind, delivery.state) for delivery in await self.listed()]


def server_at(port: int) -> Server:
    return Server(host="127.0.0.1", port=port, tls="none", local_hostname="notify.test", timeout_s=5)


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
async def line(mail: MailServer) -> AsyncIterator[Line]:
    line = Line(server_at(mail.port))
    yield line
    await line.close()


@pytest.fixture
async def notify(notify_pool: Pool, mail: MailServer) -> AsyncIterator[Notify]:
    await configure(notify_pool, TenantsFile((TENANT,)))
    clock = Clock(NOW)
    async with letter_server() as booking, httpx.AsyncClient(timeout=5, verify=public_authorities()) as http:
        preparation = Preparation(notify_pool, BookingClient(http, booking.url, TOKEN), clock, OFFICE)
        accounts = Accounts(Account(server_at(mail.port), "schalter.example"), ACCOUNTS_KEY)
        lines = Lines()
        yield Notify(
            notify_pool, clock, mail, booking, preparation, Sending(Desk(notify_pool, clock), accounts, lines, KEY)
        )
        await lines.close()
