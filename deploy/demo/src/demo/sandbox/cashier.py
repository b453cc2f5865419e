"""What a person's choice on the hosted page does to the sale, and what the provider then tells the merchant."""

from demo.sandbox import magic, paypal_desk, paypal_shapes, stripe_desk
from demo.sandbox import sale as sales
from demo.sandbox.desk import Desk, new_id
from demo.sandbox.sale import Card, Sale

PAGE_DECLINE = {"stripe": "generic_decline", "paypal": "INSTRUMENT_DECLINED"}


def serve(desk: Desk, sale: Sale, *, pays: bool, number: str) -> None:
    """The caller's transaction; the sale is open."""
    if not pays:
        _decline(desk, sale, PAGE_DECLINE[sale.provider])
    elif sale.provider == "paypal":
        _approve(desk, sale)
    else:
        _pay_by_card(desk, sale, "".join(filter(str.isdigit, number)))


def _decline(desk: Desk, sale: Sale, code: str) -> None:
    sales.decline(sale, code, desk.clock())
    if sale.provider == "stripe":
        sale.intent_id = sale.intent_id or new_id("pi_", 24)
        stripe_desk.tell(desk, sale, "payment_intent.payment_failed")
    desk.book.save_sale(sale)


def _approve(desk: Desk, sale: Sale) -> None:
    sales.approve(sale, desk.clock())
    desk.book.save_sale(sale)
    order = paypal_shapes.order(sale, desk.public_url, desk.clock())
    paypal_desk.tell(desk, sale, "CHECKOUT.ORDER.APPROVED", order)


def _pay_by_card(desk: Desk, sale: Sale, number: str) -> None:
    code = magic.CARDS.get(number, "incorrect_number")
    if code is None and sales.declines_by_magic(sale):
        code = PAGE_DECLINE["stripe"]
    if code is not None:
        _decline(desk, sale, code)
        return
    sales.take(sale, desk.clock())
    sale.intent_id = sale.intent_id or new_id("pi_", 24)
    sale.charge_id = new_id("ch_", 24)
    sale.card = Card("visa", number[-4:], 12, 2034)
    desk.book.save_sale(sale)
    stripe_desk.tell(
        desk, sale, "payment_intent.amount_capturable_updated" if sale.manual else "payment_intent.succeeded"
    )
    stripe_desk.tell(desk, sale, "checkout.session.completed")
