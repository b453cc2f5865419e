"""The ledger: what came in and what went out, in cents, written once and never changed."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from payment.domain.attempt import Attempt
from payment.domain.dispute import Dispute
from payment.domain.movement import Movement
from payment.domain.payment import Payment
from payment.domain.refund import Refund

LedgerKind = Literal[
    "capture",
    "refund",
    "refund_reversal",  # a refund that failed days after it had succeeded: the provider gave it back to us
    "fee",  # what the provider keeps
    "payout",  # what it paid to the bank
    "manual_transfer",  # a refund that the treasury paid by hand
    "chargeback",  # what the provider took back, or gave back, after a dispute
]


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider holds for the tenant: in is positive, out is negative. Ids and cents, no persons."""

    tenant: str
    payment_id: UUID | None
    attempt_id: UUID | None
    refund_id: UUID | None = None
    kind: LedgerKind
    amount_cents: int
    currency: str
    treasury_reference: str | None
    provider: str
    provider_reference: str
    booked_at: datetime


def entry_of_capture(payment: Payment, attempt: Attempt, now: datetime) -> LedgerEntry:
    return LedgerEntry(
        tenant=payment.tenant,
        payment_id=payment.id,
        attempt_id=attempt.id,
        kind="capture",
        amount_cents=attempt.captured_cents,
        currency=payment.currency,
        treasury_reference=payment.treasury_reference,
        provider=attempt.provider,
        provider_reference=attempt.capture_id or attempt.session_id or "",
        booked_at=now,
    )


def entry_of_refund(payment: Payment, attempt: Attempt, refund: Refund, now: datetime) -> LedgerEntry:
    return LedgerEntry(
        tenant=payment.tenant,
        payment_id=payment.id,
        attempt_id=attempt.id,
        refund_id=refund.id,
        kind="refund",
        amount_cents=-refund.amount_cents,
        currency=refund.currency,
        treasury_reference=payment.treasury_reference,
        provider=attempt.provider,
        provider_reference=refund.provider_refund_id or "",
        booked_at=now,
    )


def entry_of_reversal(payment: Payment, attempt: Attempt, refund: Refund, now: datetime) -> LedgerEntry:
    gone = entry_of_refund(payment, attempt, refund, now)
    return msgspec.structs.replace(gone, kind="refund_reversal", amount_cents=refund.amount_cents)


MANUAL = "manual"
"""Stands for the provider where the treasury paid by hand."""


def entry_of_transfer(payment: Payment, attempt: Attempt, refund: Refund, reference: str, now: datetime) -> LedgerEntry:
    return LedgerEntry(
        tenant=payment.tenant,
        payment_id=payment.id,
        attempt_id=attempt.id,
        refund_id=refund.id,
        kind="manual_transfer",
        amount_cents=-refund.amount_cents,
        currency=refund.currency,
        treasury_reference=payment.treasury_reference,
        provider=MANUAL,
        provider_reference=reference,
        booked_at=now,
    )


def entry_of_dispute(
    payment: Payment, dispute: Dispute, kind: LedgerKind, amount_cents: int, now: datetime
) -> LedgerEntry:
    """Of its end, before the provider's account tells of it."""
    return LedgerEntry(
        tenant=payment.tenant,
        payment_id=payment.id,
        attempt_id=dispute.attempt_id,
        kind=kind,
        amount_cents=amount_cents,
        currency=dispute.currency,
        treasury_reference=payment.treasury_reference,
        provider=dispute.provider,
        provider_reference=dispute.provider_dispute_id,
        booked_at=now,
    )


class BookedSource(msgspec.Struct, frozen=True, kw_only=True):
    """The capture or refund that a movement is about."""

    source_id: str
    payment_id: UUID
    attempt_id: UUID
    treasury_reference: str


def entry_of_movement(
    tenant: str, provider: str, movement: Movement, source: BookedSource | None, now: datetime
) -> LedgerEntry | None:
    """Of what only the provider can tell: payouts, disputes, and fees that stand alone.

    None for what is booked when it happens, and for a dispute about nothing of ours: the match makes it an exception.
    """
    kinds: dict[str, LedgerKind] = {
        "payout": "payout",
        "payout_reversal": "payout",
        "fee": "fee",
        "dispute": "chargeback",
    }
    kind = kinds.get(movement.kind)
    if kind is None or not movement.amount.amount_cents or (kind == "chargeback" and source is None):
        return None
    booked_for = source if kind == "chargeback" else None  # a fee that stands alone does so in the export, too
    return _of_movement(tenant, provider, movement, booked_for, kind, movement.amount.amount_cents, now)


def entry_of_fee(
    tenant: str, provider: str, movement: Movement, source: BookedSource | None, now: datetime
) -> LedgerEntry | None:
    """What the provider kept of a capture, or gave back with a refund."""
    if not movement.fee_cents:
        return None
    return _of_movement(tenant, provider, movement, source, "fee", -movement.fee_cents, now)


def _of_movement(
    tenant: str,
    provider: str,
    movement: Movement,
    source: BookedSource | None,
    kind: LedgerKind,
    amount_cents: int,
    now: datetime,
) -> LedgerEntry:
    return LedgerEntry(
        tenant=tenant,
        payment_id=source.payment_id if source else None,
        attempt_id=source.attempt_id if source else None,
        kind=kind,
        amount_cents=amount_cents,
        currency=movement.amount.currency,
        treasury_reference=source.treasury_reference if source else None,
        provider=provider,
        provider_reference=movement.id,
        booked_at=now,
    )
