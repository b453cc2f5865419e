"""Stripe's balance transactions and payouts in the treasury's words: pure translations, without a call."""

from datetime import UTC, datetime
from typing import Any, Literal

import stripe

from payment.domain.movement import Movement, MovementKind, Payout
from payment.gateways.stripe_answers import metadata, money

_KINDS: dict[str, MovementKind] = {
    "charge": "payment",
    "refund": "refund",
    "partial_capture_reversal": "refund",
    "refund_failure": "refund",
    "dispute": "dispute",
    "dispute_reversal": "dispute",
    "fee": "fee",
    "network_cost": "fee",
    "payout": "payout",
    "payout_reversal": "payout_reversal",
}
"""By Stripe's `reporting_category`; what is not here is `other`."""

_STATUS: dict[str, Literal["paid", "failed"]] = {"paid": "paid", "failed": "failed", "canceled": "failed"}


def movement(entry: stripe.BalanceTransaction, payout_id: str | None = None) -> Movement:
    """`entry.source` is expanded."""
    kind = _KINDS.get(entry.reporting_category, "other")
    return Movement(
        id=entry.id,
        kind=kind,
        amount=money(entry.amount, entry.currency),
        fee_cents=entry.fee,
        source_id=_source_id(entry, kind),
        reference=metadata(_field(entry.source, "metadata")).get("reference", ""),
        payout_id=payout_id,
        occurred_at=datetime.fromtimestamp(entry.created, UTC),
    )


def _source_id(entry: stripe.BalanceTransaction, kind: MovementKind) -> str:
    """Charges and disputes are known to us by their PaymentIntent. A fee is about itself."""
    source = entry.source
    found = _field(source, "payment_intent") if kind in ("payment", "dispute") else None
    return str(found or _field(source, "id") or source or entry.id)


def payout_view(payout: stripe.Payout) -> Payout:
    return Payout(
        id=payout.id,
        amount=money(payout.amount, payout.currency),
        status=_STATUS.get(payout.status, "on_its_way"),
        arrives_on=datetime.fromtimestamp(payout.arrival_date, UTC).date(),
        trace=_field(_field(payout, "trace_id"), "value") or "",
        names_movements=payout.automatic,
    )


def _field(answer: object, name: str) -> Any:
    """Stripe leaves out what does not apply, and its objects raise for what is not there."""
    return getattr(answer, name, None)
