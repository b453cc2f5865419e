"""A month of 10,000 payments as ledger, providers and bank would show it, to plant faults in."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from payment.domain.reconciliation_items import OpenBankEntry, OpenEntry, OpenItems, OpenMovement, OpenPayout

BEGIN = datetime(2026, 10, 1, 7, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = 30
FEES = {"stripe": (150, 25), "paypal": (249, 35)}


class Month:
    """Each day's payouts leave at 23 o'clock and reach the bank on the next day."""

    def __init__(self, payments: int = 10_000, seed: int = 7) -> None:
        self.entries: list[OpenEntry] = []
        self.movements: list[OpenMovement] = []
        self.payouts: list[OpenPayout] = []
        self.bank: list[OpenBankEntry] = []
        self._random = random.Random(seed)
        for number in range(payments):
            day, minute = divmod(number * DAYS * 900 // payments, 900)  # from 7 to 22 o'clock
            self._pay(number, BEGIN + timedelta(days=day, minutes=minute))
        for day in range(DAYS):
            for provider in FEES:
                self._pay_out(provider, BEGIN + timedelta(days=day, hours=16))

    def _pay(self, number: int, at: datetime) -> None:
        provider = self._random.choice(["stripe", "stripe", "paypal"])
        cents = self._random.choice([1000, 1300, 1500, 2400, 3700, 4600, 7000])
        rate, fixed = FEES[provider]
        self._move("capture", provider, f"cap_{number}", cents, at, fee_cents=cents * rate // 10_000 + fixed)
        if number % 30 == 0 and at + timedelta(days=2) < BEGIN + timedelta(days=DAYS):
            part = cents if number % 60 else cents // 2
            self._move("refund", provider, f"re_{number}", -part, at + timedelta(days=2))

    def _move(self, kind: str, provider: str, id_: str, cents: int, at: datetime, fee_cents: int = 0) -> None:
        reference = f"HS-{id_}"
        self.entries.append(
            OpenEntry(
                number=len(self.entries) + 1,
                kind="capture" if kind == "capture" else "refund",
                amount_cents=cents,
                provider=provider,
                provider_reference=id_,
                treasury_reference=reference,
                booked_at=at + timedelta(seconds=20),
            )
        )
        self.movements.append(
            OpenMovement(
                provider=provider,
                id=f"txn_{id_}",
                kind="payment" if kind == "capture" else "refund",
                amount_cents=cents,
                fee_cents=fee_cents,
                source_id=id_,
                reference=reference,
                occurred_at=at,
            )
        )

    def _pay_out(self, provider: str, at: datetime) -> None:
        """Stripe names what it pays out; PayPal does not, and then we know it only in our books."""
        taken = {
            movement.id: msgspec.structs.replace(movement, payout_id=f"po_{provider}_{at:%d}")
            for movement in self.movements
            if movement.provider == provider and movement.payout_id is None and movement.occurred_at <= at
        }
        cents = sum(movement.net_cents for movement in taken.values())
        self.movements = [taken.get(movement.id, movement) for movement in self.movements]
        trace = f"{provider}{at:%Y%m%d}".upper() if provider == "stripe" else ""
        self.payouts.append(
            OpenPayout(
                provider=provider,
                id=f"po_{provider}_{at:%d}",
                amount_cents=cents,
                status="paid",
                made_at=at,
                arrives_on=at.date(),
                trace=trace,
                names_movements=provider == "stripe",
                movements_cents=cents if provider == "stripe" else 0,
            )
        )
        self.bank.append(
            OpenBankEntry(
                id=UUID(int=len(self.bank) + 1),
                provider=provider,
                amount_cents=cents,
                booked_on=at.date() + timedelta(days=1),
                text=f"Auszahlung {trace} SEPA-Gutschrift",
            )
        )

    def items(self, **changes: object) -> OpenItems:
        """As they are read: PayPal's movements without their payouts."""
        shown = [
            msgspec.structs.replace(movement, payout_id=None) if movement.provider == "paypal" else movement
            for movement in self.movements
        ]
        self._random.shuffle(shown)
        items = OpenItems(
            entries=self.entries,
            movements=shown,
            payouts=self.payouts,
            bank_entries=self.bank,
            read_until={"stripe": NOW, "paypal": NOW},
        )
        return msgspec.structs.replace(items, **changes)
