from datetime import timedelta

from payment.store.attempts import claim_due_attempts
from payment.usecases.side_by_side import run_each
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools

BATCH = 20
LEASE = timedelta(seconds=30)
"""So long a claimed attempt is left to its claimer; then the next sweep takes it."""


async def sweep_attempts(tools: Tools) -> int:
    """Look at every attempt that is open, reserved, or waits for an outcome, when it is due."""
    now = tools.clock()
    async with tools.for_all_tenants() as connection:
        due = await claim_due_attempts(connection, now, now + LEASE, BATCH)
    return await run_each(due, lambda found: sync_attempt(tools, found.tenant, found.id, "provider"))
