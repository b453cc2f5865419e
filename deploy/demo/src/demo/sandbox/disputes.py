"""A payer who calls the money back: opened, won or lost, by magic or at the control desk, and told by webhook."""

from string import digits

from demo.sandbox import dispute_shapes, magic, paypal_desk, stripe_balance, stripe_desk
from demo.sandbox import sale as sales
from demo.sandbox.desk import Desk, new_id
from demo.sandbox.sale import DisputeState, Sale

NOW_OPEN = {"stripe": "charge.dispute.created", "paypal": "CUSTOMER.DISPUTE.CREATED"}
NOW_CLOSED = {"stripe": "charge.dispute.closed", "paypal": "CUSTOMER.DISPUTE.RESOLVED"}


def open_by_magic(desk: Desk, sale: Sale) -> None:
    """The caller's transaction; the money was just captured."""
    if sale.awaits_dispute or sale.magic == magic.DISPUTED:
        open_dispute(desk, sale)


def open_dispute(desk: Desk, sale: Sale) -> None:
    """Raises Refused."""
    id_ = new_id("du_", 24) if sale.provider == "stripe" else new_id("PP-D-", 10, digits)
    sales.open_dispute(sale, id_, desk.clock())
    desk.book.save_sale(sale)
    _tell(desk, sale, NOW_OPEN[sale.provider])


def close_dispute(desk: Desk, sale: Sale, outcome: DisputeState) -> None:
    """Raises Refused."""
    sales.close_dispute(sale, outcome, desk.clock())
    desk.book.save_sale(sale)
    _tell(desk, sale, NOW_CLOSED[sale.provider])


def _tell(desk: Desk, sale: Sale, kind: str) -> None:
    assert sale.dispute
    if sale.provider == "stripe":
        stripe_desk.tell(desk, sale, kind, stripe_balance.dispute_shape(sale, sale.dispute))
    else:
        paypal_desk.tell(desk, sale, kind, dispute_shapes.paypal(sale, sale.dispute, desk.public_url))
