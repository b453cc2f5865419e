"""A receipt: what was paid, for what, on which legal basis, and what went back. Only for a payment that is paid."""

from collections.abc import Sequence
from datetime import datetime

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
        """What remains after what went back."""
        gone_cents = sum(entry.amount_cents for entry in self.given_back)
        return Money(self.paid.amount_cents - gone_cents, self.payment.currency)


def legal_bases(items: Sequence[PaymentItem], configured: str) -> list[str]:
    """Each once, in the items' order; what is configured stands in for items that name none."""
    named = [item.accounting.get(LEGAL_BASIS, "").strip() or configured for item in items]
    return list(dict.fromkeys(basis for basis in named if basis))
