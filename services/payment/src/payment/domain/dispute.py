"""Disputes: the payer calls the money back at the provider. The provider decides; we record, and hold refunds.

A dispute never moves its payment to another state and never cancels a booking: what was paid for stays as it is until
a person says otherwise. Its state is the provider's and may change in any way, also back (a case that is reopened).
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from payment.domain.attempt import Provider
from payment.domain.errors import PaymentDisputed
from payment.domain.payment import Trigger

DisputeState = Literal[
    "opened",  # the provider looks into it; the money may be held back meanwhile
    "won",  # the merchant keeps the money, or got it back
    "lost",  # the payer has the money
]

TRIGGERS: dict[DisputeState, Trigger] = {
    "opened": Trigger.DISPUTE,
    "won": Trigger.DISPUTE_WON,
    "lost": Trigger.DISPUTE_LOST,
}
"""What the payment's history tells of it."""


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    payment_id: UUID
    attempt_id: UUID
    provider: Provider
    provider_dispute_id: str
    state: DisputeState
    amount_cents: int
    currency: str
    reason: str
    taken_cents: int | None = None
    """Once lost: what the payer got back; None: the provider does not say, so it is all that was disputed."""
    fee_cents: int = 0
    """What the provider charges for it, where its dispute names that."""
    respond_by: datetime | None = None
    opened_at: datetime
    closed_at: datetime | None = None

    @property
    def lost_cents(self) -> int:
        """Once lost."""
        return self.amount_cents if self.taken_cents is None else self.taken_cents


def check_decided(states: list[DisputeState]) -> None:
    """Raises PaymentDisputed."""
    if "opened" in states:
        raise PaymentDisputed("The payer disputes this payment at the provider: no refund until that is decided.")


def check_undisputed(states: list[DisputeState]) -> None:
    """While it is open the provider takes no refund; once lost, the payer has the money. Raises PaymentDisputed."""
    if "lost" in states:
        raise PaymentDisputed("The payer got the money back by a dispute: there is nothing left to refund.")
    check_decided(states)
