"""One sale at a provider, and what may happen to it: the truth behind both providers' words. Pure, without I/O.

open ──approve──► approved ──take──► authorised ──capture──► paid ──refund──► paid
  │  ◄──decline──     │  (PayPal)        └──void──► voided
  └──expire──► expired; on Stripe's page, paying leads from open to authorised or paid at once
"""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from demo.sandbox import magic
from demo.sandbox.accounts import Provider

State = Literal["open", "approved", "authorised", "paid", "voided", "expired"]
RefundState = Literal["succeeded", "pending", "failed"]


class Refused(Exception):
    """The sale's state or amount forbids it. Each provider has its own words for `code`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Card(msgspec.Struct, frozen=True):
    brand: str
    last4: str
    expiry_month: int
    expiry_year: int


class Refund(msgspec.Struct, kw_only=True):
    id: str
    amount_cents: int
    created_at: datetime
    state: RefundState
    metadata: dict[str, str] = {}


class Sale(msgspec.Struct, kw_only=True):
    """`id` is Stripe's session or PayPal's order. The other ids exist once what they name exists."""

    id: str
    provider: Provider
    tenant: str
    reference: str
    amount_cents: int
    currency: str
    manual: bool
    success_url: str
    cancel_url: str
    language: str
    created_at: datetime
    updated_at: datetime
    label: str = ""
    """Stripe: the line item's name."""
    unit_id: str = ""
    """PayPal: the purchase unit's `reference_id`."""
    description: str = ""
    attempt_id: str = ""
    metadata: dict[str, str] = {}
    expires_at: datetime | None = None
    state: State = "open"
    declines: int = 0
    last_decline: str | None = None
    intent_id: str | None = None
    charge_id: str | None = None
    authorization_id: str | None = None
    authorised_at: datetime | None = None
    capture_id: str | None = None
    captured_at: datetime | None = None
    captured_cents: int = 0
    card: Card | None = None
    refunds: list[Refund] = []

    @property
    def refunded_cents(self) -> int:
        return sum(refund.amount_cents for refund in self.refunds if refund.state != "failed")

    @property
    def magic(self) -> int:
        return magic.cents_of(self.amount_cents)


def approve(sale: Sale, now: datetime) -> None:
    """PayPal: the payer agrees on the page."""
    _require(sale, "open")
    sale.state, sale.last_decline, sale.updated_at = "approved", None, now


def decline(sale: Sale, code: str, now: datetime) -> None:
    """The sale stays open, for another card or account."""
    _require(sale, "open", "approved")
    sale.state, sale.last_decline, sale.updated_at = "open", code, now
    sale.declines += 1


def declines_by_magic(sale: Sale) -> bool:
    return sale.magic == magic.DECLINED_ONCE and not sale.declines


def take(sale: Sale, now: datetime) -> None:
    """Reserve the money, or capture it at once."""
    _require(sale, "open", "approved")
    sale.updated_at, sale.last_decline = now, None
    if sale.manual:
        sale.state, sale.authorised_at = "authorised", now
    else:
        _book(sale, now)


def capture(sale: Sale, amount_cents: int, now: datetime) -> None:
    _require(sale, "authorised")
    if amount_cents > sale.amount_cents:
        raise Refused("amount_too_large")
    if sale.magic == magic.CAPTURE_REFUSED:
        sale.state, sale.updated_at = "expired", now
        return
    _book(sale, now)
    sale.captured_cents = amount_cents


def _book(sale: Sale, now: datetime) -> None:
    sale.state, sale.captured_at, sale.updated_at = "paid", now, now
    sale.captured_cents = sale.amount_cents


def capture_pending(sale: Sale, now: datetime) -> bool:
    slow = sale.magic == magic.CAPTURE_PENDING and sale.captured_at is not None
    return slow and now < (sale.captured_at or now) + timedelta(seconds=magic.PENDING_S)


def void(sale: Sale, now: datetime) -> None:
    _require(sale, "authorised")
    sale.state, sale.updated_at = "voided", now


def expire(sale: Sale, now: datetime) -> None:
    _require(sale, "open")
    sale.state, sale.updated_at = "expired", now


def is_lapsed(sale: Sale, now: datetime) -> bool:
    return sale.state == "open" and sale.expires_at is not None and sale.expires_at <= now


def refund(sale: Sale, id_: str, amount_cents: int, metadata: dict[str, str], now: datetime) -> Refund:
    _require(sale, "paid")
    if capture_pending(sale, now):
        raise Refused("pending")
    if amount_cents <= 0:
        raise Refused("amount_not_positive")
    left = sale.captured_cents - sale.refunded_cents
    if amount_cents > left:
        raise Refused("fully_refunded" if left == 0 else "refund_too_large")
    states: dict[int, RefundState] = {magic.REFUND_FAILED: "failed", magic.REFUND_PENDING: "pending"}
    made = Refund(
        id=id_,
        amount_cents=amount_cents,
        created_at=now,
        state=states.get(sale.magic, "succeeded"),
        metadata=metadata,
    )
    sale.refunds.append(made)
    sale.updated_at = now
    return made


def settle_refund(made: Refund, now: datetime) -> None:
    if made.state == "pending" and now >= made.created_at + timedelta(seconds=magic.PENDING_S):
        made.state = "succeeded"


def _require(sale: Sale, *states: State) -> None:
    if sale.state not in states:
        raise Refused(sale.state)
