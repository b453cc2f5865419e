from datetime import datetime
from uuid import UUID

from kit.sql import Connection
from kit.tokens import StaffClaims
from payment.domain.dispute import check_undisputed
from payment.domain.errors import PaymentMissing
from payment.domain.refund import Refund, RefundTrigger, approvals_needed, check_approver, refund_target
from payment.store.api_keys import find_issuer
from payment.store.disputes import list_dispute_states
from payment.store.refunds import get_refund, insert_approval, list_approvals, lock_refund, move_refund
from payment.usecases.once import Once, begin_as, finish_as
from payment.usecases.submit_refunds import submit_refund
from payment.usecases.tools import Tools


async def approve_refund(tools: Tools, refund_id: UUID, treasurer: StaffClaims, once: Once) -> Refund:
    """A person's release. The last one needed sends the refund off.

    Raises PaymentMissing, Forbidden, IllegalMove, PaymentDisputed, KeyReused.
    """
    now = tools.clock()
    async with tools.acting_for(treasurer.tenant) as connection:
        stored = await begin_as(connection, once, Refund)
        if stored:
            return stored
        refund = await lock_refund(connection, refund_id)
        if refund is None or refund.tenant != treasurer.tenant:
            raise PaymentMissing(f"There is no refund {refund_id}.")
        is_released = await release_refund(connection, refund, treasurer.subject, now)
        await finish_as(connection, once, await get_refund(connection, refund_id))
    if is_released:
        await submit_refund(tools, treasurer.tenant, refund_id)
    async with tools.acting_for(treasurer.tenant) as connection:
        found = await get_refund(connection, refund_id)
        await finish_as(connection, once, found)
    return found


async def release_refund(connection: Connection, refund: Refund, subject: str, now: datetime) -> bool:
    """One person's release of a locked refund; whether it was the last one needed.

    Raises Forbidden, IllegalMove, PaymentDisputed.
    """
    check_undisputed(await list_dispute_states(connection, refund.attempt_id))
    given = await list_approvals(connection, refund.id)
    key_issuer = await find_issuer(connection, refund.tenant, refund.requested_by)
    check_approver(refund, key_issuer, subject, given)
    await insert_approval(connection, refund.id, subject, now)
    is_released = len(given) + 1 >= approvals_needed(refund)
    if is_released:
        target = refund_target(refund.state, RefundTrigger.APPROVE)
        await move_refund(connection, refund, target, now, due_at=now)
    return is_released
