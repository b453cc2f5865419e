"""What the four-way match looks at, and what it says: ledger entries, movements, payouts and entries of the bank."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from payment.domain.movement import MovementKind

REPORTING = ("stripe", "paypal")
"""Providers that tell what they moved: entries of others cannot be held against anything."""

ExceptionKind = Literal[
    "missing_at_provider",  # booked, and the provider knows nothing of it
    "missing_in_ledger",  # the provider moved money that nobody booked
    "amount_differs",  # both have it, with other amounts
    "unexplained_movement",  # of a kind that no rule knows
    "not_paid_out",  # for two weeks in no payout
    "payout_sum_differs",  # a payout is not the sum of what it consists of
    "payout_failed",  # it came back to the balance, or should have, and went out with no other one
    "payout_not_at_bank",  # paid out, and on no statement of the bank
    "bank_amount_differs",  # it arrived with another amount
    "bank_entry_without_payout",  # a provider's money of which the provider says nothing
]


class OpenEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What is booked of the provider's money and has no movement yet."""

    number: int
    kind: Literal["capture", "refund", "refund_reversal", "chargeback"]
    amount_cents: int
    provider: str
    provider_reference: str
    treasury_reference: str
    booked_at: datetime


class OpenMovement(msgspec.Struct, frozen=True, kw_only=True):
    """A movement that lacks its entry or its payout."""

    provider: str
    id: str
    kind: MovementKind
    amount_cents: int
    fee_cents: int
    source_id: str
    reference: str
    occurred_at: datetime
    payout_id: str | None = None
    ledger_number: int | None = None
    booked_cents: int | None = None
    """Of a dispute: as which its end was booked, where that came first."""

    @property
    def net_cents(self) -> int:
        return self.amount_cents - self.fee_cents


class OpenPayout(msgspec.Struct, frozen=True, kw_only=True):
    """A payout that was not summed up, is not on the bank's statement, or failed and did not go out again."""

    provider: str
    id: str
    amount_cents: int
    status: Literal["on_its_way", "paid", "failed"]
    made_at: datetime
    arrives_on: date
    trace: str
    names_movements: bool
    movements_cents: int
    """Net, of all movements known to belong to it."""
    is_summed: bool = False
    bank_entry_id: UUID | None = None
    is_repeated: bool = False
    """What came back of it went out with another one."""


class OpenBankEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Of a provider by its words, and of no payout yet."""

    id: UUID
    provider: str
    amount_cents: int
    booked_on: date
    text: str


class OpenItems(msgspec.Struct, frozen=True, kw_only=True):
    entries: list[OpenEntry]
    movements: list[OpenMovement]
    payouts: list[OpenPayout]
    bank_entries: list[OpenBankEntry]
    read_until: dict[str, datetime]
    """By provider: what is older and not among the movements does not exist there."""
    accepted: frozenset[tuple[str, str, int]] = frozenset()
    """Kinds and subjects that a treasurer has accepted, each with its difference in cents."""
    went_back: frozenset[int] = frozenset()
    """Ledger numbers of what came in and went back whole before it was paid out: no payout has to come."""

    def has_accepted(self, finding: "Finding") -> bool:
        return (finding.kind, finding.subject, finding.difference_cents) in self.accepted


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """`difference_cents`: how far the later of the two sides is above the earlier one."""

    kind: ExceptionKind
    subject: str
    day: date
    difference_cents: int
    provider: str
    treasury_reference: str = ""


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """What was found out about a movement. `is_done`: it need not be looked at again."""

    provider: str
    id: str
    ledger_number: int | None
    payout_id: str | None
    is_done: bool


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """What was found out about a payout."""

    provider: str
    id: str
    is_summed: bool
    bank_entry_id: UUID | None


class Reconciled(msgspec.Struct, frozen=True, kw_only=True):
    placements: list[Placement]
    arrivals: list[Arrival]
    findings: list[Finding]


def subject_of_source(provider: str, source_id: str, kind: str) -> str:
    return f"{provider}:{kind}:{source_id}"


def subject_of(item: OpenMovement | OpenPayout) -> str:
    return f"{item.provider}:{item.id}"
