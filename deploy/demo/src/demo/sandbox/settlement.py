"""What moves on a merchant's balance: fees, movements, payouts. The truth behind both providers' reports. Pure."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Literal

import msgspec

from demo.sandbox.accounts import Provider
from demo.sandbox.sale import Sale, capture_pending

FEES: dict[Provider, tuple[int, int]] = {"stripe": (150, 25), "paypal": (249, 35)}
"""Of each capture: hundredths of a percent, and cents. Nothing is given back with a refund."""
DISPUTE_FEES: dict[Provider, int] = {"stripe": 2000, "paypal": 1600}
"""Of each dispute over which money was taken; not given back either."""


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is the capture's, refund's or payout's own; of a dispute, made of its id."""

    id: str
    kind: Literal["payment", "refund", "payout", "dispute", "dispute_returned", "dispute_fee"]
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
    return [payment, *_refunds(sale), *dispute_movements(sale)]


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


def dispute_movements(sale: Sale) -> list[Movement]:
    """Stripe takes the money as the dispute is opened, with its fee, and brings it back where it is won.

    PayPal takes it once it is lost, and the fee apart.
    """
    dispute = sale.dispute
    if dispute is None or (sale.provider == "paypal" and dispute.state != "lost"):
        return []
    fee = DISPUTE_FEES[sale.provider]
    if sale.provider == "paypal":
        number = dispute.id.rpartition("-")[2]
        return [
            _of_dispute(sale, f"CB{number:0>15}", "dispute", -dispute.amount_cents, dispute.updated_at),
            _of_dispute(sale, f"CF{number:0>15}", "dispute_fee", -fee, dispute.updated_at),
        ]
    taken = _of_dispute(sale, dispute.id, "dispute", -dispute.amount_cents, dispute.opened_at)
    taken = msgspec.structs.replace(taken, fee_cents=fee)
    if dispute.state != "won":
        return [taken]
    back = _of_dispute(sale, f"{dispute.id}won", "dispute_returned", dispute.amount_cents, dispute.updated_at)
    return [taken, back]


def _of_dispute(
    sale: Sale, id_: str, kind: Literal["dispute", "dispute_returned", "dispute_fee"], cents: int, at: datetime
) -> Movement:
    return Movement(id=id_, kind=kind, amount_cents=cents, currency=sale.currency, at=at, sale=sale)


def movement_of(payout: Payout) -> Movement:
    return Movement(
        id=payout.id, kind="payout", amount_cents=-payout.amount_cents, currency=payout.currency, at=payout.at
    )


def left_to_pay_out(movements: Iterable[Movement], payouts: Collection[Payout]) -> list[Movement]:
    paid_out = {id_ for payout in payouts for id_ in payout.movements}
    return [movement for movement in movements if movement.id not in paid_out]
