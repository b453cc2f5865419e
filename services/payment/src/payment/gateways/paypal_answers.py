"""What we send to PayPal and what we read in its answers: pure translations, without a call."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from contracts.money import Money
from payment.gateways.gateway import CaptureView, DisputeView, GatewayRefused, OpenSession, RefundView, SessionView

LOCALES = {"de": "de-DE", "en": "en-GB"}
OPEN_ORDERS = ("CREATED", "SAVED", "PAYER_ACTION_REQUIRED")
CAPTURED = ("COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED")
LOST = ("RESOLVED_BUYER_FAVOUR", "ACCEPTED")
"""Outcomes of a dispute by which the payer has the money; by the others the merchant keeps it."""
UNRESERVED = ("VOIDED", "DENIED", "EXPIRED")


class Amount(msgspec.Struct, frozen=True):
    currency_code: str
    value: str


class Reason(msgspec.Struct, frozen=True):
    reason: str = ""


class RelatedIds(msgspec.Struct, frozen=True):
    order_id: str | None = None


class Supplement(msgspec.Struct, frozen=True):
    related_ids: RelatedIds = RelatedIds()


class Authorization(msgspec.Struct, frozen=True):
    id: str
    status: str
    amount: Amount
    expiration_time: datetime | None = None
    supplementary_data: Supplement = Supplement()


class Capture(msgspec.Struct, frozen=True):
    id: str
    status: str
    amount: Amount
    status_details: Reason = Reason()
    supplementary_data: Supplement = Supplement()


class Refund(msgspec.Struct, frozen=True):
    id: str
    status: str
    amount: Amount
    status_details: Reason = Reason()
    custom_id: str = ""


class Payments(msgspec.Struct, frozen=True):
    authorizations: tuple[Authorization, ...] = ()
    captures: tuple[Capture, ...] = ()
    refunds: tuple[Refund, ...] = ()


class PurchaseUnit(msgspec.Struct, frozen=True):
    amount: Amount
    invoice_id: str = ""
    payments: Payments = Payments()


class DisputedTransaction(msgspec.Struct, frozen=True):
    seller_transaction_id: str = ""


class DisputeOutcome(msgspec.Struct, frozen=True):
    outcome_code: str = ""
    amount_refunded: Amount | None = None


class DisputeMovement(msgspec.Struct, frozen=True):
    affected_party: str = ""
    type: str = ""
    reason: str = ""
    amount: Amount | None = None


class Dispute(msgspec.Struct, frozen=True):
    dispute_id: str
    status: str
    dispute_amount: Amount
    disputed_transactions: tuple[DisputedTransaction, ...]
    create_time: datetime
    reason: str = ""
    seller_response_due_date: datetime | None = None
    dispute_outcome: DisputeOutcome = DisputeOutcome()
    money_movements: tuple[DisputeMovement, ...] = ()


class Link(msgspec.Struct, frozen=True):
    href: str
    rel: str


class Order(msgspec.Struct, frozen=True):
    id: str
    status: str
    purchase_units: tuple[PurchaseUnit, ...]
    intent: str = ""
    update_time: str = ""
    links: tuple[Link, ...] = ()

    @property
    def unit(self) -> PurchaseUnit:
        return self.purchase_units[0]


def to_amount(money: Money) -> Amount:
    euros, cents = divmod(money.amount_cents, 100)
    return Amount(money.currency, f"{euros}.{cents:02d}")


def to_money(amount: Amount) -> Money:
    return Money(int(Decimal(amount.value) * 100), amount.currency_code)


def order_body(request: OpenSession) -> dict[str, Any]:
    """`custom_id` comes back in webhooks; `invoice_id` stands in PayPal's reports, where the treasury looks for it."""
    return {
        "intent": "AUTHORIZE" if request.capture == "manual" else "CAPTURE",
        "purchase_units": [
            {
                "reference_id": request.attempt_id,
                "custom_id": request.attempt_id,
                "invoice_id": request.reference,
                "description": f"{request.label} {request.reference}",
                "amount": to_amount(request.amount),
            }
        ],
        "payment_source": {
            "paypal": {
                "experience_context": {
                    "locale": LOCALES[request.language],
                    "shipping_preference": "NO_SHIPPING",
                    "user_action": "PAY_NOW",
                    "return_url": request.success_url,
                    "cancel_url": request.cancel_url,
                }
            }
        },
    }


def payer_url(order: Order) -> str:
    for link in order.links:
        if link.rel in ("payer-action", "approve"):
            return link.href
    raise GatewayRefused("session_not_open", order.status)


def session_view(order: Order) -> SessionView:
    payments = order.unit.payments
    if payments.captures:
        return _captured(order, payments.captures[-1])
    if payments.authorizations:
        return _authorised(order, payments.authorizations[-1])
    view = _view(order)
    if order.status in OPEN_ORDERS:
        return view
    if order.status == "APPROVED":
        return msgspec.structs.replace(view, status="approved")
    if order.status == "VOIDED":
        return msgspec.structs.replace(view, status="closed")
    raise GatewayRefused("unexpected_status", order.status)


def _view(order: Order) -> SessionView:
    amount, reference = to_money(order.unit.amount), order.unit.invoice_id
    return SessionView(session_id=order.id, status="open", amount=amount, reference=reference)


def _captured(order: Order, capture: Capture) -> SessionView:
    """A capture that was declined leaves an authorization as it was; without one the order is over."""
    if capture.status in CAPTURED:
        return msgspec.structs.replace(
            _view(order),
            status="paid",
            amount=to_money(capture.amount),
            authorization_id=_authorization_id(order),
            capture_id=capture.id,
        )
    if order.unit.payments.authorizations:
        view = _authorised(order, order.unit.payments.authorizations[-1])
    else:
        view = msgspec.structs.replace(_view(order), status="approved" if capture.status == "PENDING" else "closed")
    declined = None if capture.status == "PENDING" else capture.status_details.reason or capture.status
    return msgspec.structs.replace(view, last_decline=declined)


def _authorised(order: Order, authorization: Authorization) -> SessionView:
    view = msgspec.structs.replace(
        _view(order), amount=to_money(authorization.amount), authorization_id=authorization.id
    )
    if authorization.status == "PENDING":
        return msgspec.structs.replace(view, status="approved")
    if authorization.status in UNRESERVED:
        declined = "DENIED" if authorization.status == "DENIED" else None
        return msgspec.structs.replace(view, status="closed", last_decline=declined)
    return msgspec.structs.replace(view, status="authorised", authorization_expires_at=authorization.expiration_time)


def _authorization_id(order: Order) -> str | None:
    authorizations = order.unit.payments.authorizations
    return authorizations[-1].id if authorizations else None


def capture_view(capture: Capture) -> CaptureView:
    amount, reason = to_money(capture.amount), capture.status_details.reason or None
    if capture.status in CAPTURED:
        return CaptureView(status="paid", amount=amount, capture_id=capture.id)
    if capture.status == "PENDING":
        return CaptureView(status="pending", amount=amount, capture_id=capture.id, code=reason)
    return CaptureView(status="refused", amount=amount, capture_id=capture.id, code=reason or capture.status)


def refund_view(refund: Refund) -> RefundView:
    amount, reason = to_money(refund.amount), refund.status_details.reason or None
    if refund.status == "COMPLETED":
        return RefundView(refund_id=refund.id, status="succeeded", amount=amount)
    if refund.status == "PENDING":
        return RefundView(refund_id=refund.id, status="pending", amount=amount, code=reason)
    return RefundView(refund_id=refund.id, status="failed", amount=amount, code=reason or refund.status)


def dispute_view(dispute: Dispute) -> DisputeView:
    is_lost = dispute.dispute_outcome.outcome_code in LOST
    transactions = dispute.disputed_transactions
    return DisputeView(
        dispute_id=dispute.dispute_id,
        status="opened" if dispute.status != "RESOLVED" else "lost" if is_lost else "won",
        amount=to_money(dispute.dispute_amount),
        capture_id=transactions[0].seller_transaction_id if transactions else "",
        reason=dispute.reason,
        taken_cents=_taken_cents(dispute) if is_lost else None,
        fee_cents=max(0, _moved_cents(dispute, lambda reason: reason.endswith("_FEE")) or 0),
        opened_at=dispute.create_time,
        respond_by=dispute.seller_response_due_date,
    )


def _taken_cents(dispute: Dispute) -> int | None:
    """By the movements on our side; else what the payer got back, which PayPal may have paid itself."""
    moved_cents = _moved_cents(dispute, lambda reason: not reason.endswith("_FEE"))
    if moved_cents is not None:
        return max(0, moved_cents)
    refunded = dispute.dispute_outcome.amount_refunded
    same_currency = refunded and refunded.currency_code == dispute.dispute_amount.currency_code
    return to_money(refunded).amount_cents if refunded and same_currency else None


def _moved_cents(dispute: Dispute, counts: Callable[[str], bool]) -> int | None:
    """What left our side; None where PayPal names no such movement."""
    moved = [
        to_money(movement.amount).amount_cents * (1 if movement.type == "DEBIT" else -1)
        for movement in dispute.money_movements
        if movement.amount
        and movement.affected_party == "SELLER"
        and movement.amount.currency_code == dispute.dispute_amount.currency_code
        and counts(movement.reason)
    ]
    return sum(moved) if moved else None
