"""Send the next mail: claim it, hand it to the server, write down what became of it.

No transaction is open while the server is spoken to. A lease holds the mail meanwhile and is renewed; who dies lets it
run out, and the sweep gives the mail to another sender. Each sender goes at its own pace; what several of a worker have
to say to the database at the same time, they say together (`Desk`).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

from kit.batches import Batches
from kit.clock import Clock
from kit.sql import Pool
from notify.domain.addresses import bounce_address
from notify.domain.sending import Outcome
from notify.mail.accounts import Accounts, AccountUnreadable
from notify.mail.lines import Lines
from notify.mail.smtp import ClaimLost, Envelope
from notify.store import claims
from notify.store.claims import Claimed
from notify.usecases.claim_deliveries import LEASE, Taken, claim_deliveries
from notify.usecases.settle_deliveries import Ended, settle_deliveries

log = logging.getLogger(__name__)

RENEWAL_S = 5


class Desk:
    """Where the senders of a worker get their mails and bring back how it went."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool, self._clock = pool, clock
        self._claims = Batches[None, None, Taken](self._claim)
        self._starts = Batches[None, Claimed, bool](self._start)
        self._ends = Batches[None, Ended, None](self._settle)

    async def claim(self) -> Taken:
        return await self._claims.take(None, None)

    async def start(self, claimed: Claimed) -> bool:
        """DATA begins: committed when this returns. False: somebody else has the mail by now."""
        return await self._starts.take(None, claimed)

    async def extend(self, claimed: Claimed) -> None:
        async with self._pool.acquire() as connection:
            await claims.extend_lease(connection, claimed, self._clock() + LEASE)

    async def settle(self, claimed: Claimed, outcome: Outcome) -> None:
        await self._ends.take(None, Ended(claimed, outcome))

    async def _claim(self, _: None, senders: Sequence[None]) -> Sequence[Taken]:
        return await claim_deliveries(self._pool, self._clock, len(senders))

    async def _start(self, _: None, starting: Sequence[Claimed]) -> Sequence[bool]:
        async with self._pool.acquire() as connection:
            held = await claims.mark_data_started(connection, starting, self._clock())
        return [claimed.claim in held for claimed in starting]

    async def _settle(self, _: None, ended: Sequence[Ended]) -> Sequence[None]:
        await settle_deliveries(self._pool, self._clock, ended)
        return [None] * len(ended)


class Sending(NamedTuple):
    """What one sender works with."""

    desk: Desk
    accounts: Accounts
    lines: Lines
    key: str


async def send_delivery(sending: Sending) -> int:
    """0: none is due, or the servers are not to be asked now."""
    taken = await sending.desk.claim()
    if isinstance(taken, Claimed):
        await _send(sending, taken)
    return 0 if taken is None else 1


async def _send(sending: Sending, claimed: Claimed) -> None:
    async with _lease(sending.desk, claimed):
        try:
            outcome = await _hand_over(sending, claimed)
        except ClaimLost:
            log.warning("lease lost before DATA", extra={"delivery": str(claimed.id)})
            return
        except Exception:  # of an account that cannot be used: its mails wait, and the other tenants' go on
            extra = {"delivery": str(claimed.id), "account": claimed.account}
            log.exception("mail not handed over: check its account at the mail server", extra=extra)
            outcome = Outcome("locked_out")
        await sending.desk.settle(claimed, outcome)


async def _hand_over(sending: Sending, claimed: Claimed) -> Outcome:
    """Raises ClaimLost."""
    try:
        account = sending.accounts.of(claimed.account_secrets)
    except AccountUnreadable:
        log.exception("account unreadable: run `configure` under this ACCOUNTS_KEY", extra={"tenant": claimed.tenant})
        return Outcome("locked_out")
    sender = bounce_address(sending.key, claimed.id, account.bounce_domain)
    line = await sending.lines.to(account.server)
    envelope = Envelope(sender, claimed.recipient, claimed.id.hex)
    return await line.send(envelope, claimed.message, partial(sending.desk.start, claimed))


@asynccontextmanager
async def _lease(desk: Desk, claimed: Claimed) -> AsyncIterator[None]:
    async def renew() -> None:
        while True:
            await asyncio.sleep(RENEWAL_S)
            await desk.extend(claimed)

    renewing = asyncio.create_task(renew())
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
