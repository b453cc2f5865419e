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

RESPONSE_TIME = timedelta(days=7)
"""How long a merchant has to answer a dispute."""

State = Literal["open", "approved", "authorised", "paid", "voided", "expired"]
RefundState = Literal["succeeded", "pending", "failed"]
DisputeState = Literal["open", "won", "lost"]
"""As the merchant sees it: lost means that the buyer got the money back."""


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


class Dispute(msgspec.Struct, kw_only=True):
    """The payer calls the money back; one per sale."""

    id: str
    amount_cents: int
    state: DisputeState
    opened_at: datetime
    respond_by: datetime
    updated_at: datetime


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
    challenge: str = ""
    """The number of the card whose holder is to prove who they are (3-D Secure), while that is so."""
    awaits_dispute: bool = False
    """Its card is one whose holder disputes every payment."""
    dispute: Dispute | None = None

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
    sale.challenge = ""
    sale.declines += 1


def declines_by_magic(sale: Sale) -> bool:
    return sale.magic == magic.DECLINED_ONCE and not sale.declines


def take(sale: Sale, now: datetime) -> None:
    """Reserve the money, or capture it at once."""
    _require(sale, "open", "approved")
    sale.updated_at, sale.last_decline, sale.challenge = now, None, ""
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
    return slow and not _is_over(sale.captured_at, now)


def void(sale: Sale, now: datetime) -> None:
    _require(sale, "authorised")
    sale.state, sale.updated_at = "voided", now


def expire(sale: Sale, now: datetime) -> None:
    _require(sale, "open")
    sale.state, sale.updated_at, sale.challenge = "expired", now, ""


def lapse(sale: Sale, now: datetime) -> None:
    """The reserved money is free again, by itself."""
    _require(sale, "authorised")
    sale.state, sale.updated_at = "expired", now


def settle(sale: Sale, now: datetime) -> None:
    """What time alone brings about."""
    if sale.state == "open" and sale.expires_at is not None and sale.expires_at <= now:
        expire(sale, now)
    if sale.state == "authorised" and sale.magic == magic.AUTHORISATION_LAPSES and _is_over(sale.authorised_at, now):
        lapse(sale, now)
    for made in sale.refunds:
        if made.state == "pending" and _is_over(made.created_at, now):
            made.state = "failed" if sale.magic == magic.REFUND_FAILS_LATER else "succeeded"


def _is_over(since: datetime | None, now: datetime) -> bool:
    return since is not None and now >= since + timedelta(seconds=magic.PENDING_S)


def refund(sale: Sale, id_: str, amount_cents: int, metadata: dict[str, str], now: datetime) -> Refund:
    _require(sale, "paid")
    if capture_pending(sale, now):
        raise Refused("pending")
    if sale.dispute and sale.dispute.state != "won":
        raise Refused("disputed")
    if amount_cents <= 0:
        raise Refused("amount_not_positive")
    left = sale.captured_cents - sale.refunded_cents
    if amount_cents > left:
        raise Refused("fully_refunded" if left == 0 else "refund_too_large")
    states: dict[int, RefundState] = {
        magic.REFUND_FAILED: "failed",
        magic.REFUND_PENDING: "pending",
        magic.REFUND_FAILS_LATER: "pending",
    }
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


def open_dispute(sale: Sale, id_: str, now: datetime) -> None:
    """Over what is left of the money."""
    _require(sale, "paid")
    if sale.dispute:
        raise Refused("disputed")
    if capture_pending(sale, now):
        raise Refused("pending")
    cents = sale.captured_cents - sale.refunded_cents
    if cents == 0:
        raise Refused("fully_refunded")
    until = now + RESPONSE_TIME
    sale.dispute = Dispute(id=id_, amount_cents=cents, state="open", opened_at=now, respond_by=until, updated_at=now)


def close_dispute(sale: Sale, outcome: DisputeState, now: datetime) -> None:
    if sale.dispute is None or sale.dispute.state != "open":
        raise Refused("undisputed")
    sale.dispute.state, sale.dispute.updated_at = outcome, now


def _require(sale: Sale, *states: State) -> None:
    if sale.state not in states:
        raise Refused(sale.state)
