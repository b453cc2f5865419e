from kit.ids import uuid7
from payment.store.refund_batches import (
    DueDay,
    RefundBatch,
    claim_day,
    insert_batch,
    list_due_days,
    list_unbatched,
    note_batch_of_day,
)
from payment.usecases.refund_batches import BATCH_MAX, CLOCK
from payment.usecases.tools import Tools


async def draw_up_daily_batches(tools: Tools) -> int:
    """Once a day for each tenant, at its own time: what is due by rule and in nobody's hands.

    Two persons release it.
    """
    async with tools.for_all_tenants() as connection:
        due = await list_due_days(connection, tools.clock())
    for found in due:
        await _draw_up(tools, found)
    return len(due)


async def _draw_up(tools: Tools, due: DueDay) -> None:
    """The day and its batch are one transaction: a worker that dies has not looked at all."""
    now = tools.clock()
    async with tools.acting_for(due.tenant) as connection:
        if not await claim_day(connection, due, now):
            return
        refund_ids = await list_unbatched(connection, due.tenant, BATCH_MAX)
        if refund_ids:
            batch = RefundBatch(id=uuid7(), created_by=CLOCK, created_at=now)
            await insert_batch(connection, due.tenant, batch, refund_ids)
            await note_batch_of_day(connection, due, batch.id)
