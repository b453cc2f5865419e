"""What people at the town hall do: release refunds, pay by hand, and lead payments out of review."""

from tests.payment.machine.town import Move, Nobody, Town, one_of
from tests.payment.support.house import TENANT, once

from payment.domain.review import DECISIONS
from payment.usecases.approve_refund import approve_refund
from payment.usecases.decide_review import decide_review
from payment.usecases.transfer_refund import transfer_refund


async def approve(town: Town, move: Move) -> None:
    await approve_refund(town.tools, one_of(await town.refunds(), move.whom), town.clerk(move), once())


async def decide(town: Town, move: Move) -> None:
    """Any of the decisions, whether or not the facts allow it."""
    rows = await town.pool.fetch("SELECT id FROM payment WHERE state = 'review' ORDER BY id")
    payment_id = one_of([row["id"] for row in rows], move.whom)
    decision, subject = DECISIONS[move.key % len(DECISIONS)], town.clerk(move).subject
    await decide_review(town.tools, TENANT, payment_id, decision, "seen at the provider", once(), subject=subject)


async def transfer(town: Town, move: Move) -> None:
    """The provider refused, so the treasury pays."""
    rows = await town.pool.fetch("SELECT id FROM refund WHERE state = 'failed' ORDER BY id")
    if not rows:
        raise Nobody
    refund_id = one_of(rows, move.whom)["id"]
    await transfer_refund(town.tools, town.clerk(move), refund_id, "SEPA 1", once())
