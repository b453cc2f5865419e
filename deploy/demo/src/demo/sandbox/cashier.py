"""What a person's choice on the hosted page does to the sale, and what the provider then tells the merchant."""

from typing import Literal

from demo.sandbox import disputes, magic, paypal_desk, paypal_shapes, stripe_desk
from demo.sandbox import sale as sales
from demo.sandbox.desk import Desk, new_id
from demo.sandbox.magic import TestCard
from demo.sandbox.sale import Card, Sale

Choice = Literal["pay", "decline", "pass", "fail", "abandon"]
"""`pass` and `fail` answer the challenge of a card's bank (3-D Secure)."""

PAGE_DECLINE = {"stripe": "generic_decline", "paypal": "INSTRUMENT_DECLINED"}


def serve(desk: Desk, sale: Sale, choice: Choice, number: str) -> None:
    """The caller's transaction; the sale is open."""
    match choice:
        case "abandon":
            _leave(desk, sale)
        case "decline":
            _decline(desk, sale, PAGE_DECLINE[sale.provider])
        case "pass" | "fail":
            _answer_challenge(desk, sale, passed=choice == "pass")
        case "pay" if sale.provider == "paypal":
            _approve(desk, sale)
        case "pay":
            _pay_by_card(desk, sale, magic.find_card("".join(filter(str.isdigit, number))))


def _leave(desk: Desk, sale: Sale) -> None:
    """Who comes back begins with the card's number again."""
    sale.challenge = ""
    desk.book.save_sale(sale)


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


def _pay_by_card(desk: Desk, sale: Sale, card: TestCard) -> None:
    if card.challenge:
        sale.challenge, sale.last_decline = card.number, None
        sale.intent_id = sale.intent_id or new_id("pi_", 24)
        desk.book.save_sale(sale)
        stripe_desk.tell(desk, sale, "payment_intent.requires_action")
    else:
        _charge(desk, sale, card)


def _answer_challenge(desk: Desk, sale: Sale, *, passed: bool) -> None:
    """A second click finds no challenge any more and changes nothing."""
    if not sale.challenge:
        return
    if passed:
        _charge(desk, sale, magic.find_card(sale.challenge))
    else:
        _decline(desk, sale, magic.CHALLENGE_FAILED)


def _charge(desk: Desk, sale: Sale, card: TestCard) -> None:
    code = card.decline
    if code is None and sales.declines_by_magic(sale):
        code = PAGE_DECLINE["stripe"]
    if code is not None:
        _decline(desk, sale, code)
        return
    sales.take(sale, desk.clock())
    sale.intent_id = sale.intent_id or new_id("pi_", 24)
    sale.charge_id = new_id("ch_", 24)
    sale.card = Card("visa", card.number[-4:], 12, 2034)
    sale.awaits_dispute = card.disputed
    desk.book.save_sale(sale)
    stripe_desk.tell(
        desk, sale, "payment_intent.amount_capturable_updated" if sale.manual else "payment_intent.succeeded"
    )
    stripe_desk.tell(desk, sale, "checkout.session.completed")
    disputes.open_by_magic(desk, sale)
