"""A receipt: what was paid, for what, on which legal basis, and what went back. Only for a payment that is paid."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from contracts.money import Money
from contracts.payment import PaymentItem
from contracts.tenant import TenantProfile
from payment.domain.attempt import Card
from payment.domain.payment import Method, Payment

LEGAL_BASIS = "legal_basis"
"""Among an item's `accounting`: the law or by-law by which this very fee is charged."""


class GivenBack(msgspec.Struct, frozen=True):
    at: datetime
    amount_cents: int
    """Negative: a dispute was won, and what had been charged back is with the town again."""
    is_chargeback: bool = False

    @property
    def word(self) -> Literal["refunded", "charged_back", "charge_returned"]:
        if not self.is_chargeback:
            return "refunded"
        return "charged_back" if self.amount_cents > 0 else "charge_returned"


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    issuer: TenantProfile
    payment: Payment
    items: Sequence[PaymentItem]
    legal_bases: Sequence[str]
    paid_at: datetime
    method: Method
    card: Card | None
    given_back: Sequence[GivenBack]
    issued_at: datetime

    @property
    def asked(self) -> Money:
        """The sum of the items: another amount may have been accepted as paid."""
        return Money(sum(item.quantity * item.amount_cents for item in self.items), self.payment.currency)

    @property
    def paid(self) -> Money:
        return self.payment.amount

    @property
    def kept(self) -> Money:
        """What remains after what went back. A dispute may take more than that: nothing remains."""
        gone_cents = sum(entry.amount_cents for entry in self.given_back)
        return Money(max(0, self.paid.amount_cents - gone_cents), self.payment.currency)

    @property
    def gone(self) -> Money:
        return Money(self.paid.amount_cents - self.kept.amount_cents, self.payment.currency)


def legal_bases(items: Sequence[PaymentItem], configured: str) -> list[str]:
    """Each once, in the items' order; what is configured stands in for items that name none."""
    named = [item.accounting.get(LEGAL_BASIS, "").strip() or configured for item in items]
    return list(dict.fromkeys(basis for basis in named if basis))
