"""What somebody may do to a sale at the control desk, which neither citizen nor merchant does."""

from collections.abc import Callable
from typing import Literal

from demo.sandbox import disputes, paypal_desk, paypal_shapes, stripe_desk
from demo.sandbox import sale as sales
from demo.sandbox.desk import Desk
from demo.sandbox.sale import Sale

Intervention = Literal["lapse", "dispute", "win", "lose"]


def intervene(desk: Desk, sale: Sale, what: Intervention) -> None:
    """The caller's transaction. Raises Refused where the sale's state does not allow it."""
    _EFFECTS[what](desk, sale)


def possible(sale: Sale) -> list[Intervention]:
    if sale.state == "authorised":
        return ["lapse"]
    if sale.dispute:
        return ["win", "lose"] if sale.dispute.state == "open" else []
    return ["dispute"] if sale.state == "paid" and sale.captured_cents > sale.refunded_cents else []


def _lapse(desk: Desk, sale: Sale) -> None:
    sales.lapse(sale, desk.clock())
    desk.book.save_sale(sale)
    if sale.provider == "stripe":
        stripe_desk.tell(desk, sale, "payment_intent.canceled")
    else:
        shape = paypal_shapes.authorization(sale, desk.public_url, desk.clock())
        paypal_desk.tell(desk, sale, "PAYMENT.AUTHORIZATION.VOIDED", shape)


_EFFECTS: dict[Intervention, Callable[[Desk, Sale], None]] = {
    "lapse": _lapse,
    "dispute": disputes.open_dispute,
    "win": lambda desk, sale: disputes.close_dispute(desk, sale, "won"),
    "lose": lambda desk, sale: disputes.close_dispute(desk, sale, "lost"),
}
