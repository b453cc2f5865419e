from payment.domain.payment import Trigger
from payment.domain.timeline import Step, tell
from payment.store.history import list_history
from payment.store.refunds import list_refunds
from payment.usecases.show_checkout import Checkout
from payment.usecases.tools import Tools


async def tell_timeline(tools: Tools, shown: Checkout) -> list[Step]:
    payment = shown.payment
    async with tools.acting_for(payment.tenant) as connection:
        history = await list_history(connection, payment.tenant, payment.id)
        refunds = await list_refunds(connection, payment.tenant, payment.id)
    return tell(payment, [(Trigger(entry.trigger), entry.at) for entry in history], shown.attempts, refunds)
