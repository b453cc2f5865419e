"""Send the next mail: claim it, hand it to the server, write down what became of it.

No transaction is open while the server is spoken to. A lease holds the mail meanwhile and is renewed; who dies lets it
run out, and the sweep gives the mail to another sender.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple
from uuid import uuid4

from kit.clock import Clock
from kit.sql import Pool
from notify.domain.addresses import bounce_address
from notify.domain.sending import Attempt, Drop, Hold, Outcome, may_go, settle
from notify.mail.breaker import Breaker
from notify.mail.smtp import ClaimLost, Envelope, Line
from notify.store import deliveries, suppressions
from notify.store.deliveries import Claimed
from notify.store.erasure import forget_mail

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)
RENEWAL_S = 5


class Sending(NamedTuple):
    pool: Pool
    line: Line
    breaker: Breaker
    clock: Clock
    key: str
    bounce_domain: str


async def send_delivery(sending: Sending) -> int:
    """0: none is due, or the server is not to be asked now."""
    if sending.breaker.is_open(sending.clock()):
        return 0
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
                await deliveries.move_to_dropped(connection, due.id, state, cause, now)
                return decision
            case Hold(until):
                await deliveries.hold(connection, due.id, until)
                return decision
        return await deliveries.move_to_claimed(connection, due.id, uuid4(), now + LEASE)


async def _send(sending: Sending, claimed: Claimed) -> None:
    async def before_data() -> bool:
        async with sending.pool.acquire() as connection:
            return await deliveries.mark_data_started(connection, claimed, sending.clock())

    sender = bounce_address(sending.key, claimed.id, sending.bounce_domain)
    envelope = Envelope(sender, claimed.recipient, claimed.id.hex)
    try:
        async with _lease(sending, claimed):
            outcome = await sending.line.send(envelope, claimed.message, before_data)
    except ClaimLost:
        log.warning("lease lost before DATA", extra={"delivery": str(claimed.id)})
        return
    await settle_delivery(sending, claimed, outcome)


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
    sending.breaker.note(outcome, now)
    attempt = Attempt(tries=claimed.tries, created_at=claimed.created_at, expires_at=claimed.expires_at)
    move = settle(outcome, attempt, now, random.random())  # noqa: S311 - spreads tries, guards nothing
    async with sending.pool.acquire() as connection, connection.transaction():
        settled = await deliveries.move_to_settled(connection, claimed, move, outcome.code, now)
        is_erased = await forget_mail(connection, claimed.id, now)
        if settled and outcome.result == "accepted":
            await suppressions.delete_suppression(connection, claimed.tenant, claimed.recipient_hash)
        elif settled and not is_erased and outcome.result == "address_refused":
            cause = move.cause or outcome.result
            await suppressions.insert_suppression(connection, claimed.tenant, claimed.recipient_hash, cause, now)
    log.info(
        "mail",
        extra={"delivery": str(claimed.id), "kind": claimed.kind, "state": move.state, "cause": move.cause}
        | ({} if settled else {"settled": False}),
    )
