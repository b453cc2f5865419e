from datetime import timedelta

from kit.tenants import act_for
from payment.domain.payment import Trigger
from payment.store.payments import claim_unclear
from payment.usecases.moves import move
from payment.usecases.tools import Tools

PATIENCE = timedelta(minutes=15)
BATCH = 50
ACTOR = "clock"


async def tell_checking(tools: Tools) -> int:
    """No citizen waits for longer without a word. Said once for each payment; what becomes of it is told by itself."""
    now = tools.clock()
    async with tools.for_all_tenants() as connection:
        unclear = await claim_unclear(connection, now - PATIENCE, BATCH)
        for payment in unclear:
            await act_for(connection, payment.tenant)
            await move(connection, payment, Trigger.CHECK, ACTOR, now)
    return len(unclear)
