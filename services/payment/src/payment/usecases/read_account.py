from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from kit.sql import Connection
from payment.domain.ledger import BookedSource, LedgerEntry, entry_of_fee, entry_of_movement
from payment.domain.ledger_match import is_awaited
from payment.domain.movement import Movement
from payment.store.chargebacks import claim_dispute_entry
from payment.store.ledger import insert_entry, list_sources
from payment.store.movements import (
    Account,
    insert_movement,
    list_known,
    lock_account,
    note_payouts_of_movements,
    note_reading,
    upsert_payouts,
)
from payment.store.refunds import make_returned_due
from payment.usecases.tools import Tools

FIRST_LOOK = timedelta(days=31)
OVERLAP = timedelta(days=7)
"""Read once more each time: providers report late, a payout's state changes for some days, and what is still awaited is
left for the next time.
"""
READ_EVERY = timedelta(hours=6)
AT_ONCE = 500
"""So many are recorded in one transaction: captures must not wait long for the ledger."""


async def read_account(tools: Tools, account: Account) -> int:
    """What the provider moved since it was read last. Return how many movements are new.

    Raises GatewayUnavailable, GatewayRefused.
    """
    now = tools.clock()
    gateway = await tools.gateways.find(account.tenant, account.provider)
    since = (account.read_until or now - FIRST_LOOK) - OVERLAP
    found = await gateway.read_movements(since, now)
    oldest_first = sorted(found.items, key=lambda movement: (movement.occurred_at, movement.id))
    count = 0
    for first in range(0, len(oldest_first), AT_ONCE):
        batch = oldest_first[first : first + AT_ONCE]
        async with tools.acting_for(account.tenant) as connection:
            await lock_account(connection, account)
            count += await _record(connection, account, batch, now)
    async with tools.acting_for(account.tenant) as connection:
        await upsert_payouts(connection, account, found.payouts)
        await note_reading(connection, account, found.complete_until, now + READ_EVERY)
    return count


async def _record(connection: Connection, account: Account, batch: Sequence[Movement], now: datetime) -> int:
    known = await list_known(connection, account, [movement.id for movement in batch])
    await note_payouts_of_movements(connection, account, [movement for movement in batch if movement.id in known])
    new = [movement for movement in batch if movement.id not in known]
    source_ids = [movement.source_id for movement in new]
    sources = await list_sources(connection, account.tenant, account.provider, source_ids)
    by_id = {source.source_id: source for source in sources}
    new = [movement for movement in new if not is_awaited(movement, by_id.get(movement.source_id), now)]
    returned = [
        movement.source_id for movement in new if movement.kind == "refund" and movement.amount.amount_cents > 0
    ]
    await make_returned_due(connection, account.tenant, returned, now)
    for movement in new:
        await _book(connection, account, movement, by_id.get(movement.source_id), now)
    return len(new)


async def _book(
    connection: Connection, account: Account, movement: Movement, source: BookedSource | None, now: datetime
) -> None:
    number = None
    if entry := entry_of_movement(account.tenant, account.provider, movement, source, now):
        number = await _insert_once(connection, entry, movement, source)
    if fee := entry_of_fee(account.tenant, account.provider, movement, source, now):
        await _insert_once(connection, fee, movement, source)
    await insert_movement(connection, account, movement, number)


async def _insert_once(
    connection: Connection, entry: LedgerEntry, movement: Movement, source: BookedSource | None
) -> int:
    """What the end of a dispute booked before is the same money. A fee that was another is put right; a chargeback
    that was another becomes an exception.
    """
    claimed = None
    if source and movement.kind in ("dispute", "fee"):
        claimed = await claim_dispute_entry(
            connection, entry.tenant, source.attempt_id, entry.kind, entry.amount_cents, movement.id
        )
    if claimed is None:
        return await insert_entry(connection, entry)
    difference_cents = entry.amount_cents - claimed.amount_cents
    if entry.kind == "fee" and difference_cents:
        await insert_entry(connection, msgspec.structs.replace(entry, amount_cents=difference_cents))
    return claimed.ledger_number
