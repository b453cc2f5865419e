"""What a provider and the bank tell of payments that a test has made: movements, payouts, a statement."""

from datetime import timedelta
from uuid import uuid4

from tests.payment.support.camt import entry, statement
from tests.payment.support.house import Clock, once
from tests.payment.support.provider import MemoryProvider

from contracts.money import Money
from payment.domain.movement import Movement, Payout
from payment.usecases.import_statements import import_statements
from payment.usecases.tools import Tools

T = "heinsberg"
FEE_CENTS = 48


class Settling:
    """Everything that was paid at the provider in memory shows up on its account as Stripe would show it."""

    def __init__(self, tools: Tools, provider: MemoryProvider, clock: Clock) -> None:
        self.tools = tools
        self.provider = provider
        self.clock = clock
        self._balance_cents = 0

    def report(self, *, fee_cents: int = FEE_CENTS) -> None:
        """A movement for each session that was paid and each refund, unless it is there."""
        known = {movement.source_id for movement in self.provider.movements}
        for session in self.provider.sessions.values():
            if session.status == "paid" and f"cap_{session.id}" not in known:
                self.move("payment", f"cap_{session.id}", session.amount.amount_cents, fee_cents, session.reference)
        for refund in self.provider.refunds.values():
            if refund.refund_id not in known:
                self.move("refund", refund.refund_id, -refund.amount.amount_cents)

    def move(self, kind: str, source_id: str, cents: int, fee_cents: int = 0, reference: str = "") -> Movement:
        movement = Movement(
            id=f"txn_{uuid4().hex[:16]}",
            kind=kind,  # type: ignore[arg-type] # tests name kinds
            amount=Money(cents),
            fee_cents=fee_cents,
            source_id=source_id,
            reference=reference,
            occurred_at=self.clock() - timedelta(minutes=1),
        )
        self.provider.movements.append(movement)
        return movement

    def pay_out(self) -> Payout:
        """All that is left."""
        id_ = f"po_{uuid4().hex[:16]}"
        left = [item for item in self.provider.movements if item.payout_id is None and item.kind != "payout"]
        cents = sum(item.amount.amount_cents - item.fee_cents for item in left)
        self.provider.movements = [
            Movement(**{name: getattr(item, name) for name in item.__struct_fields__} | {"payout_id": id_})
            if item in left
            else item
            for item in self.provider.movements
        ]
        self.move("payout", id_, -cents)
        payout = Payout(
            id=id_, amount=Money(cents), status="paid", arrives_on=self.clock().date(), names_movements=True
        )
        self.provider.payouts.append(payout)
        return payout

    async def bank_tells(self, *payouts: Payout, difference_cents: int = 0) -> None:
        day = self.clock().date()
        entries = [
            entry(payout.amount.amount_cents + difference_cents, day, f"{payout.id} Auszahlung", "STRIPE")
            for payout in payouts
        ]
        moved = sum(payout.amount.amount_cents + difference_cents for payout in payouts)
        content = statement(
            entries, self._balance_cents, self._balance_cents + moved, day, number=f"auszug-{uuid4().hex[:8]}"
        )
        self._balance_cents += moved
        await import_statements(self.tools, T, content, once(content=content), "staff:carla")

    async def settle(self) -> Payout:
        """Reported, paid out and arrived."""
        self.report()
        payout = self.pay_out()
        await self.bank_tells(payout)
        return payout
