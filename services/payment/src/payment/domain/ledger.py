"""The ledger: what came in and what went out, in cents, written once and never changed."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from payment.domain.attempt import Attempt
from payment.domain.payment import Payment
from payment.domain.refund import Refund


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`amount_cents` is positive for a capture and negative for a refund."""

    tenant: str
    payment_id: UUID
    attempt_id: UUID
    refund_id: UUID | None = None
    kind: Literal["capture", "refund"]
    amount_cents: int
    currency: str
    treasury_reference: str
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
