"""What payment tells the others: its events, and the objects of its HTTP API that booking's client reads and writes.

Events travel on the stream `PAYMENT`, subject `payment.<what>`; each carries the payment's id and version.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from contracts.money import Money

STREAM = "PAYMENT"
PURPOSE = "purpose"
"""Among an item's `accounting`: what the treasury reads where the payer reads another language."""

PaymentState = Literal[
    "created",
    "pending",
    "authorised",
    "capturing",
    "paid",
    "capture_failed",
    "voiding",
    "cancelled",
    "expiring",
    "expired",
    "review",
]

PaymentEventType = Literal[
    "payment.authorised",
    "payment.paid",
    "payment.capture_failed",
    "payment.cancelled",
    "payment.expired",
    "payment.refunded",
    "payment.refund_failed",  # the provider will never give it back: the treasury transfers it by hand
    "payment.review",
    "payment.checking",  # what becomes of the money has been unknown for 15 minutes: tell the citizen; said once
]
"""An event's type is also its subject."""


class PaymentEvent(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    type: PaymentEventType
    tenant: str
    payment_id: UUID
    version: int
    state: PaymentState
    reference: str
    amount: Money
    refunded: Money
    occurred_at: datetime


class PaymentItem(msgspec.Struct, frozen=True, kw_only=True):
    """`amount_cents` is the price of one; `accounting` the treasury's keys (Haushaltsstelle, Kostenträger, …)."""

    description: str
    quantity: int
    amount_cents: int
    accounting: dict[str, str] = {}


class NewPayment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Body of `POST /v1/payments`, `Idempotency-Key` required."""

    reference: str
    description: str
    items: list[PaymentItem]
    return_url: str
    currency: str = "EUR"
    capture: Literal["automatic", "manual"] = "automatic"
    language: Literal["de", "en"] = "de"
    expires_in_s: int | None = None
    """Seconds from the creation until an unpaid payment expires; 1,800 where nothing is said."""


class PaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """The payment as the API shows it: answer of create, read, capture, cancellation and refund."""

    id: UUID
    state: PaymentState
    version: int
    reference: str
    amount: Money
    refunded: Money
    next_url: str
    """Our own checkout page; there at once."""
    treasury_reference: str
    """Kassenzeichen."""
    expires_at: datetime
    method: str | None = None
    """`card`, `paypal` or `xbezahldienste`, once known."""
    checking: bool = False
    """What becomes of the money has been unknown for 15 minutes (`payment.checking`), and still is."""
    refund_id: UUID | msgspec.UnsetType = msgspec.UNSET
    """The refund that this request made: in the answer of `POST …/refunds` alone."""


class NewRefund(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `POST /v1/payments/{id}/refunds`."""

    amount_cents: int
    reason: Literal["cancelled_by_office", "cancelled_in_time", "duplicate", "late", "reduced", "goodwill"]
    """`goodwill` is begun by a person and needs a second one; the others are due by rule."""
