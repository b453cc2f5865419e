"""What a provider says of its own account with us: movements, fees among them, and payouts to the bank."""

from datetime import date, datetime
from typing import Literal

import msgspec

from contracts.money import Money

MovementKind = Literal[
    "payment",
    "refund",  # or, positive, one that failed and came back
    "dispute",  # taken back from us, or, positive, given back
    "fee",  # that belongs to no single payment
    "payout",
    "payout_reversal",  # one that failed and came back
    "other",  # whatever else touches the balance: a person looks at it
]


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the provider's own account with us, in the balance's currency. In is positive, out is negative."""

    id: str
    kind: MovementKind
    amount: Money
    """Gross: what reaches the balance is this less the fee."""
    fee_cents: int = 0
    source_id: str
    """What it is about: capture, refund or payout, by the id under which we know it; of a dispute, the capture."""
    reference: str = ""
    """Ours (Kassenzeichen), where the provider hands it back."""
    payout_id: str | None = None
    """None: not paid out yet, or the provider does not say with which payout (PayPal never does)."""
    occurred_at: datetime


class Payout(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way from the provider to the tenant's bank; negative where the provider takes it from there."""

    id: str
    amount: Money
    status: Literal["on_its_way", "paid", "failed"]
    arrives_on: date
    trace: str = ""
    """What the bank's statement will show of it, if the provider knows."""
    names_movements: bool
    """Whether the provider says which movements it consists of."""
