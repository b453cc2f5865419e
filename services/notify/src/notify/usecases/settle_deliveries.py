"""Write down what became of mails that senders had in hand: one transaction for all that end at the same time."""

import logging
import random
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from kit.clock import Clock
from kit.sql import Connection, Pool
from notify.domain.pausing import Pause, pause_after
from notify.domain.sending import Attempt, Move, Outcome, is_superseded, settle
from notify.store import claims, deliveries, pauses, suppressions
from notify.store.claims import Claimed, Settled, Settlement
from notify.store.erasure import forget_mail
from notify.store.superseding import has_newer
from notify.usecases.tell_delivery import News, tell_deliveries

log = logging.getLogger(__name__)


class Ended(NamedTuple):
    claimed: Claimed
    outcome: Outcome


async def settle_deliveries(pool: Pool, clock: Clock, ended: Sequence[Ended]) -> None:
    """Mails are locked in the order of their ids, pauses in that of their accounts, refused addresses in their own, by
    whoever locks several. What somebody else holds locked for long is waited for by its own sender alone.
    """
    now = clock()
    settlements = sorted((_decide(*one, now) for one in ended), key=lambda one: one.claimed.id)
    async with pool.acquire() as connection, connection.transaction():
        await claims.wait_briefly(connection)
        settled = await claims.move_to_settled(connection, settlements, now)
        held = [one for one in settlements if one.claimed.claim in settled]
        await tell_deliveries(connection, [_news(one) for one in held], now)
        for one in sorted(held, key=lambda one: (one.claimed.tenant, one.claimed.recipient_hash)):
            await _conclude(connection, one, settled[one.claimed.claim], now)
        for one in sorted(settlements, key=lambda one: one.claimed.account):
            await _pause(connection, one.claimed, one.outcome, now)
    for one in settlements:
        _log(one, is_settled=one.claimed.claim in settled)


def _decide(claimed: Claimed, outcome: Outcome, now: datetime) -> Settlement:
    attempt = Attempt(tries=claimed.tries, deferred_since=claimed.deferred_since, expires_at=claimed.expires_at)
    move = settle(outcome, attempt, now, random.random())  # noqa: S311 - spreads tries, guards nothing
    return Settlement(claimed, outcome, move)


def _news(one: Settlement) -> News:
    return News(one.claimed, one.move.state, one.move.cause, one.outcome.result == "address_refused")


async def _conclude(connection: Connection, one: Settlement, settled: Settled, now: datetime) -> None:
    claimed = one.claimed
    if one.move.due_at:
        await _let_newer_pass(connection, claimed, one.move, now)
    if settled.is_erased:
        await forget_mail(connection, claimed.id, now)
    if not settled.is_erased or claimed.audience == "clerk":  # a clerk's address is not the person's
        await _remember_address(connection, claimed, one.outcome, now)


async def _let_newer_pass(connection: Connection, claimed: Claimed, move: Move, now: datetime) -> None:
    """It waits for this one's turn, which comes at once: to be dropped."""
    newer = await has_newer(connection, claimed.id)
    if is_superseded(claimed.kind, move.state, has_newer=newer):
        await deliveries.move_to_due(connection, claimed.id, None, now)


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


def _log(one: Settlement, *, is_settled: bool) -> None:
    claimed, move = one.claimed, one.move
    extra = {"delivery": str(claimed.id), "kind": claimed.kind, "state": move.state, "cause": move.cause}
    log.info("mail", extra=extra | ({} if is_settled else {"settled": False}))
