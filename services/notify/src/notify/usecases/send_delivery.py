"""Send the next mail: claim it, hand it to the server, write down what became of it.

No transaction is open while the server is spoken to. A lease holds the mail meanwhile and is renewed; who dies lets it
run out, and the sweep gives the mail to another sender.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from kit.clock import Clock
from kit.sql import Connection, Pool
from notify.domain.addresses import bounce_address
from notify.domain.pausing import PROBE, Pause, pause_after
from notify.domain.sending import Attempt, Drop, Hold, Move, Outcome, is_superseded, may_go, settle
from notify.mail.accounts import Accounts, AccountUnreadable
from notify.mail.lines import Lines
from notify.mail.smtp import ClaimLost, Envelope
from notify.store import deliveries, pauses, suppressions
from notify.store.deliveries import Claimed
from notify.store.erasure import forget_mail
from notify.store.superseding import has_newer
from notify.usecases.tell_delivery import tell_delivery

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)
RENEWAL_S = 5


class Sending(NamedTuple):
    """What one sender works with."""

    pool: Pool
    accounts: Accounts
    lines: Lines
    clock: Clock
    key: str


async def send_delivery(sending: Sending) -> int:
    """0: none is due, or the servers are not to be asked now."""
    taken = await claim_next(sending.pool, sending.clock)
    if isinstance(taken, Claimed):
        await _send(sending, taken)
    return 0 if taken is None else 1


async def claim_next(pool: Pool, clock: Clock) -> Claimed | Drop | Hold | None:
    """Decides in the same transaction whether the mail is still true; what is not, is closed without being sent."""
    now = clock()
    async with pool.acquire() as connection, connection.transaction():
        due = await deliveries.lock_next(connection, now)
        if due is None:
            return None
        decision = may_go(due, now)
        match decision:
            case Drop(state, cause):
                mail = await deliveries.move_to_dropped(connection, due.id, state, cause, now)
                await tell_delivery(connection, mail, state, now, cause=cause)
                return decision
            case Hold(until):
                await deliveries.hold(connection, due.id, until)
                return decision
        if due.pause_cause and not await pauses.take_probe(connection, due.account, now, now + PROBE):
            return None
        return await deliveries.move_to_claimed(connection, due, uuid4(), now + LEASE)


async def _send(sending: Sending, claimed: Claimed) -> None:
    try:
        async with _lease(sending, claimed):
            outcome = await _hand_over(sending, claimed)
    except ClaimLost:
        log.warning("lease lost before DATA", extra={"delivery": str(claimed.id)})
        return
    except Exception:  # of an account that cannot be used: its mails wait, and the other tenants' go on
        extra = {"delivery": str(claimed.id), "account": claimed.account}
        log.exception("mail not handed over: check its account at the mail server", extra=extra)
        outcome = Outcome("locked_out")
    await settle_delivery(sending, claimed, outcome)


async def _hand_over(sending: Sending, claimed: Claimed) -> Outcome:
    """Raises ClaimLost."""

    async def before_data() -> bool:
        async with sending.pool.acquire() as connection:
            return await deliveries.mark_data_started(connection, claimed, sending.clock())

    try:
        account = sending.accounts.of(claimed.account_secrets)
    except AccountUnreadable:
        log.exception("account unreadable: run `configure` under this ACCOUNTS_KEY", extra={"tenant": claimed.tenant})
        return Outcome("locked_out")
    sender = bounce_address(sending.key, claimed.id, account.bounce_domain)
    line = await sending.lines.to(account.server)
    return await line.send(Envelope(sender, claimed.recipient, claimed.id.hex), claimed.message, before_data)


@asynccontextmanager
async def _lease(sending: Sending, claimed: Claimed) -> AsyncIterator[None]:
    async def renew() -> None:
        while True:
            await asyncio.sleep(RENEWAL_S)
            async with sending.pool.acquire() as connection:
                await deliveries.extend_lease(connection, claimed, sending.clock() + LEASE)

    renewing = asyncio.create_task(renew())
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)


async def settle_delivery(sending: Sending, claimed: Claimed, outcome: Outcome) -> None:
    now = sending.clock()
    attempt = Attempt(tries=claimed.tries, deferred_since=claimed.deferred_since, expires_at=claimed.expires_at)
    move = settle(outcome, attempt, now, random.random())  # noqa: S311 - spreads tries, guards nothing
    async with sending.pool.acquire() as connection, connection.transaction():
        settled = await deliveries.move_to_settled(connection, claimed, move, outcome.code, now)
        await _pause(connection, claimed, outcome, now)
        if settled:
            await _conclude(connection, claimed, outcome, move, now)
            if move.due_at:
                await _let_newer_pass(connection, claimed, move, now)
            if settled.is_erased:
                await forget_mail(connection, claimed.id, now)
            if not settled.is_erased or claimed.audience == "clerk":  # a clerk's address is not the person's
                await _remember_address(connection, claimed, outcome, now)
    log.info(
        "mail",
        extra={"delivery": str(claimed.id), "kind": claimed.kind, "state": move.state, "cause": move.cause}
        | ({} if settled else {"settled": False}),
    )


async def _let_newer_pass(connection: Connection, claimed: Claimed, move: Move, now: datetime) -> None:
    """It waits for this one's turn, which comes at once: to be dropped."""
    newer = await has_newer(connection, claimed.id)
    if is_superseded(claimed.kind, move.state, has_newer=newer):
        await deliveries.move_to_due(connection, claimed.id, None, now)


async def _conclude(connection: Connection, claimed: Claimed, outcome: Outcome, move: Move, now: datetime) -> None:
    refused = outcome.result == "address_refused"
    await tell_delivery(connection, claimed, move.state, now, cause=move.cause, address_refused=refused)


async def _remember_address(connection: Connection, claimed: Claimed, outcome: Outcome, now: datetime) -> None:
    if outcome.result == "address_refused":
        cause = f"{outcome.result}_{outcome.code}"
        await suppressions.insert_suppression(connection, claimed.tenant, claimed.recipient_hash, cause, now)
    elif outcome.result == "accepted" and claimed.address_refused:
        await suppressions.delete_suppression(connection, claimed.tenant, claimed.recipient_hash)


async def _pause(connection: Connection, claimed: Claimed, outcome: Outcome, now: datetime) -> None:
    known = Pause(claimed.pause_cause, claimed.pause_level or 1, now) if claimed.pause_cause else None
    pause = pause_after(outcome, known, now)
    if pause:
        await pauses.upsert_pause(connection, claimed.account, pause, now)
        until = pause.until.isoformat()
        log.warning("mail server paused", extra={"account": claimed.account, "cause": pause.cause, "until": until})
    elif known:
        await pauses.delete_pause(connection, claimed.account)
        log.info("mail server is well again", extra={"account": claimed.account})
