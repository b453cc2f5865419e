"""How a story ends: nothing fails any more, everybody decides, and the workers run until all is done."""

from tests.payment.machine.bank import Bank
from tests.payment.machine.operations import cancel, capture, work
from tests.payment.machine.town import Move, Town

from payment.domain.review import DECISIONS

OVER = ("paid", "cancelled", "expired", "capture_failed")
REFUND_OVER = ("succeeded", "failed", "transferred")
SETTLE_ROUNDS = 60


async def settle(town: Town) -> None:
    """The providers and the network are well again, everybody decides, and the workers run until all is done."""
    for bank in town.banks.values():
        bank.be_well()
    town.deaf = False
    for number in range(SETTLE_ROUNDS):
        await _everybody_decides(town, number)
        busy = await work(town)
        if number > 2 and not busy and not await _waiting(town):
            return
        town.clock.pass_by(hours=25)


async def _everybody_decides(town: Town, number: int) -> None:
    """The provider first, then the portal, then the clerks, who try one decision after the other."""
    for bank in town.banks.values():
        _provider_decides(bank, number)
    for position in range(len(town.payments)):
        if position % 3:
            decide = capture if position % 3 == 1 else cancel
            await town.attempt(Move(decide.__name__, position, 0))
        await town.attempt(Move("decide", position, (position + number) % len(DECISIONS)))
    requested = await town.pool.fetchval("SELECT count(*) FROM refund WHERE state = 'requested'")
    for clerk in range(3 if requested else 0):
        for position in range(len(await town.refunds())):
            await town.attempt(Move("approve", position, clerk))


def _provider_decides(bank: Bank, number: int) -> None:
    """A reservation that nobody wants lapses."""
    for session in list(bank.sessions.values()):
        if session.id in bank.pending:
            bank.change(session, "authorised", "paid")
        elif number > SETTLE_ROUNDS // 2:
            bank.change(session, "authorised", "closed")
    for refund_id, _ in bank.returned:
        bank.end_refund(refund_id, "succeeded")
    for position, dispute_id in enumerate(bank.disputes):
        bank.end_dispute(dispute_id, "lost" if position % 2 else "won")


async def _waiting(town: Town) -> int:
    count: int = await town.pool.fetchval(
        "SELECT (SELECT count(*) FROM payment WHERE state <> ALL($1))"
        " + (SELECT count(*) FROM attempt WHERE due_at IS NOT NULL)"
        " + (SELECT count(*) FROM refund WHERE state <> ALL($2))"
        " + (SELECT count(*) FROM dispute WHERE state = 'opened')"
        " + (SELECT count(*) FROM dispute_look)"
        " + (SELECT count(*) FROM webhook_delivery WHERE state = 'waiting')",
        OVER,
        REFUND_OVER,
    )
    return count
