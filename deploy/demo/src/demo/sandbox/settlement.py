"""What moves on a merchant's balance: fees, movements, payouts. The truth behind both providers' reports. Pure."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Literal

import msgspec

from demo.sandbox.accounts import Provider
from demo.sandbox.sale import Sale, capture_pending

FEES: dict[Provider, tuple[int, int]] = {"stripe": (150, 25), "paypal": (249, 35)}
"""Of each capture: hundredths of a percent, and cents. Nothing is given back with a refund."""


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is the capture's, refund's or payout's own."""

    id: str
    kind: Literal["payment", "refund", "payout"]
    amount_cents: int
    fee_cents: int = 0
    currency: str
    at: datetime
    sale: Sale | None = None

    @property
    def net_cents(self) -> int:
        return self.amount_cents - self.fee_cents


class Payout(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    provider: Provider
    tenant: str
    amount_cents: int
    currency: str
    at: datetime
    movements: tuple[str, ...]
    """Their ids."""

    @property
    def arrives_on(self) -> date:
        """The sandbox's bank is quick."""
        return self.at.date()


def fee_cents(provider: Provider, amount_cents: int) -> int:
    rate, fixed = FEES[provider]
    return (amount_cents * rate + 5_000) // 10_000 + fixed


def movements_of(sale: Sale, now: datetime) -> list[Movement]:
    if sale.captured_at is None or capture_pending(sale, now):
        return []
    payment = Movement(
        id=(sale.charge_id if sale.provider == "stripe" else sale.capture_id) or sale.id,
        kind="payment",
        amount_cents=sale.captured_cents,
        fee_cents=fee_cents(sale.provider, sale.captured_cents),
        currency=sale.currency,
        at=sale.captured_at,
        sale=sale,
    )
    return [payment, *_refunds(sale)]


def _refunds(sale: Sale) -> list[Movement]:
    return [
        Movement(
            id=made.id,
            kind="refund",
            amount_cents=-made.amount_cents,
            currency=sale.currency,
            at=made.created_at,
            sale=sale,
        )
        for made in sale.refunds
        if made.state == "succeeded"
    ]


def movement_of(payout: Payout) -> Movement:
    return Movement(
        id=payout.id, kind="payout", amount_cents=-payout.amount_cents, currency=payout.currency, at=payout.at
    )


def left_to_pay_out(movements: Iterable[Movement], payouts: Collection[Payout]) -> list[Movement]:
    paid_out = {id_ for payout in payouts for id_ in payout.movements}
    return [movement for movement in movements if movement.id not in paid_out]
