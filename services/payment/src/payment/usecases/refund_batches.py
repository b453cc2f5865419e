"""Refunds that two persons release many at once: one draws up the batch, another releases it."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import msgspec

from kit.cursor import cut
from kit.ids import uuid7
from kit.sql import Connection
from kit.tokens import StaffClaims
from payment.domain.errors import Forbidden, IllegalMove, InvalidRequest, PaymentDisputed, PaymentMissing
from payment.domain.refund import Refund, RefundState
from payment.store.refund_batches import (
    ListedRefund,
    RefundBatch,
    insert_batch,
    list_batch_items,
    list_batches,
    list_refunds_of_tenant,
    list_releasable,
    lock_batch,
    note_first_release,
    note_release,
)
from payment.store.refunds import lock_refund
from payment.usecases.approve_refund import release_refund
from payment.usecases.once import Once, begin_as, finish_as
from payment.usecases.tools import Tools

BATCH_MAX = 1000
PAGE_SIZE = 100
CLOCK = "rule:daily_batch"
"""Who drew up a batch that no person did."""


class BatchView(msgspec.Struct, frozen=True, kw_only=True):
    batch: RefundBatch
    refunds: list[ListedRefund]


async def draw_up_batch(
    tools: Tools, treasurer: StaffClaims, refund_ids: Sequence[UUID] | None, once: Once
) -> BatchView:
    """The first person's release of all of them; without ids, of every refund that is due by rule.

    Raises InvalidRequest, PaymentMissing, Forbidden, IllegalMove, PaymentDisputed, KeyReused.
    """
    now = tools.clock()
    async with tools.acting_for(treasurer.tenant) as connection:
        stored = await begin_as(connection, once, BatchView)
        if stored:
            return stored
        wanted = refund_ids
        if wanted is None:
            wanted = await list_releasable(connection, treasurer.tenant, treasurer.subject, BATCH_MAX)
        ids = sorted(set(wanted))
        if not 1 <= len(ids) <= BATCH_MAX:
            raise InvalidRequest(("refund_ids", f"1 to {BATCH_MAX} refunds; there are {len(ids)} to release"))
        for id_ in ids:
            refund = await _lock(connection, treasurer.tenant, id_)
            await release_refund(connection, refund, treasurer.subject, now)
        batch = RefundBatch(id=uuid7(), created_by=f"staff:{treasurer.subject}", created_at=now)
        await insert_batch(connection, treasurer.tenant, batch, ids)
        view = BatchView(batch=batch, refunds=await list_batch_items(connection, treasurer.tenant, batch.id))
        await finish_as(connection, once, view)
        return view


async def release_batch(tools: Tools, treasurer: StaffClaims, batch_id: UUID, once: Once) -> BatchView:
    """A person's release of all that still waits for it. The second person's is the last: the worker sends them off.

    Who drew the batch up was the first; where the clock did, two persons release it.

    Raises PaymentMissing, Forbidden, IllegalMove, KeyReused.
    """
    now, by = tools.clock(), f"staff:{treasurer.subject}"
    async with tools.acting_for(treasurer.tenant) as connection:
        stored = await begin_as(connection, once, BatchView)
        if stored:
            return stored
        batch = await lock_batch(connection, treasurer.tenant, batch_id)
        if batch is None:
            raise PaymentMissing(f"There is no batch {batch_id}.")
        if batch.released_by:
            raise IllegalMove("The batch was released before.")
        if by in (batch.created_by, batch.first_released_by):
            raise Forbidden("Whoever drew up a batch, or released it first, cannot be its second person.")
        await _release_rest(connection, treasurer, batch_id, now)
        released = await _note(connection, treasurer.tenant, batch, by, now)
        view = BatchView(batch=released, refunds=await list_batch_items(connection, treasurer.tenant, batch_id))
        await finish_as(connection, once, view)
        return view


async def _note(connection: Connection, tenant: str, batch: RefundBatch, by: str, now: datetime) -> RefundBatch:
    if batch.created_by == CLOCK and batch.first_released_by is None:
        await note_first_release(connection, tenant, batch.id, by, now)
        return msgspec.structs.replace(batch, first_released_by=by, first_released_at=now)
    await note_release(connection, tenant, batch.id, by, now)
    return msgspec.structs.replace(batch, released_by=by, released_at=now)


async def _release_rest(connection: Connection, treasurer: StaffClaims, batch_id: UUID, now: datetime) -> None:
    """What was released one by one meanwhile, or is disputed by now, is left as it is."""
    for listed in await list_batch_items(connection, treasurer.tenant, batch_id):
        refund = await _lock(connection, treasurer.tenant, listed.id)
        if refund.state == "requested" and treasurer.subject not in listed.approved_by:
            with suppress(PaymentDisputed):
                await release_refund(connection, refund, treasurer.subject, now)


async def _lock(connection: Connection, tenant: str, id_: UUID) -> Refund:
    refund = await lock_refund(connection, id_)
    if refund is None or refund.tenant != tenant:
        raise PaymentMissing(f"There is no refund {id_}.")
    return refund


async def read_batches(tools: Tools, tenant: str, before: UUID | None) -> tuple[list[RefundBatch], UUID | None]:
    """Newest first, and what to ask for to get the next page."""
    async with tools.acting_for(tenant) as connection:
        found = await list_batches(connection, tenant, before, PAGE_SIZE + 1)
    page, last = cut(found, PAGE_SIZE)
    return page, last.id if last else None


async def read_tenants_refunds(
    tools: Tools, tenant: str, state: RefundState | None, after: UUID | None
) -> tuple[list[ListedRefund], UUID | None]:
    async with tools.acting_for(tenant) as connection:
        found = await list_refunds_of_tenant(connection, tenant, state, after, PAGE_SIZE + 1)
    page, last = cut(found, PAGE_SIZE)
    return page, last.id if last else None
