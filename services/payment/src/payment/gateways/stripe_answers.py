"""What we send to Stripe and what we read in its answers: pure translations, without a call."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
import stripe
from stripe.params.checkout import SessionCreateParams

from contracts.money import Money
from payment.gateways.gateway import (
    CaptureView,
    Card,
    DisputeView,
    GatewayRefused,
    OpenSession,
    RefundView,
    SessionStatus,
    SessionView,
    VoidView,
)

SESSION_SLACK = timedelta(minutes=31)  # Stripe refuses an `expires_at` less than 30 minutes after the creation

_INTENT_STATUS: dict[str, SessionStatus] = {
    "requires_capture": "authorised",
    "succeeded": "paid",
    "canceled": "closed",
}
"""Of a complete session; what is not here (`processing`, `requires_action`) is still to be decided: `approved`."""


_DISPUTE_STATUS: dict[str, Literal["won", "lost"]] = {
    "won": "won",
    "warning_closed": "won",
    "prevented": "won",
    "lost": "lost",
}
"""Of a closed dispute; whatever else it is called, it is open."""


def session_params(request: OpenSession) -> SessionCreateParams:
    """Nothing in it depends on the present time: a retry must send the same body under the same key."""
    return {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "allowed_payment_method_types": ["card"],
        "client_reference_id": request.reference,
        "expires_at": int((request.expires_at + SESSION_SLACK).timestamp()),
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": request.amount.currency.lower(),
                    "unit_amount": request.amount.amount_cents,
                    "product_data": {"name": request.label},
                },
            }
        ],
        "locale": request.language,
        "metadata": {"attempt_id": request.attempt_id},
        "payment_intent_data": {
            "capture_method": request.capture,
            "description": f"{request.label} {request.reference}",
            "metadata": {"attempt_id": request.attempt_id, "reference": request.reference},
        },
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
    }


def session_view(session: stripe.checkout.Session) -> SessionView:
    intent = session.payment_intent if isinstance(session.payment_intent, stripe.PaymentIntent) else None
    view = SessionView(
        session_id=session.id,
        status="closed" if session.status == "expired" else "open",
        amount=money(session.amount_total or 0, session.currency or ""),
        reference=session.client_reference_id or "",
        last_decline=_last_decline(intent),
    )
    if session.status != "complete" or intent is None:
        return view
    status = _INTENT_STATUS.get(intent.status, "approved")
    charge = intent.latest_charge if isinstance(intent.latest_charge, stripe.Charge) else None
    return msgspec.structs.replace(
        view,
        status=status,
        amount=_intent_amount(intent),
        authorization_id=intent.id,
        capture_id=intent.id if status == "paid" else None,
        authorization_expires_at=_capture_before(charge) if status == "authorised" else None,
        card=_card(charge),
    )


def money(cents: int, currency: str) -> Money:
    return Money(cents, currency.upper())


def _field(answer: object, name: str) -> Any:
    """Stripe leaves out what does not apply, and its objects raise for what is not there."""
    return getattr(answer, name, None)


def _intent_amount(intent: stripe.PaymentIntent) -> Money:
    by_status = {"requires_capture": intent.amount_capturable, "succeeded": intent.amount_received}
    return money(by_status.get(intent.status, intent.amount), intent.currency)


def _last_decline(intent: stripe.PaymentIntent | None) -> str | None:
    error = intent.last_payment_error if intent else None
    if error is None:
        return None
    words = (_field(error, name) for name in ("decline_code", "code", "type"))
    return next((str(word) for word in words if word), None)


def _card(charge: stripe.Charge | None) -> Card | None:
    card = charge.payment_method_details.card if charge and charge.payment_method_details else None
    if card is None:
        return None
    return Card(
        brand=card.brand or "unknown",
        last4=card.last4 or "",
        expiry_month=card.exp_month,
        expiry_year=card.exp_year,
    )


def _capture_before(charge: stripe.Charge | None) -> datetime | None:
    card = charge.payment_method_details.card if charge and charge.payment_method_details else None
    until = _field(card, "capture_before")
    return datetime.fromtimestamp(until, UTC) if until else None


def capture_view(intent: stripe.PaymentIntent) -> CaptureView:
    amount = _intent_amount(intent)
    if intent.status == "succeeded":
        return CaptureView(status="paid", amount=amount, capture_id=intent.id)
    if intent.status == "processing":
        return CaptureView(status="pending", amount=amount, capture_id=intent.id, code=intent.status)
    code = _last_decline(intent) or intent.cancellation_reason or intent.status
    return CaptureView(status="refused", amount=amount, code=code)


def void_view(intent: stripe.PaymentIntent) -> VoidView:
    if intent.status == "succeeded":
        return VoidView(status="captured")
    if intent.status == "canceled":
        return VoidView(status="voided")
    raise GatewayRefused("not_voidable", intent.status)


def metadata(metadata: object) -> dict[str, str]:
    return metadata.to_dict() if isinstance(metadata, stripe.StripeObject) else {}


def refund_view(refund: stripe.Refund) -> RefundView:
    amount = money(refund.amount, refund.currency)
    if refund.status == "succeeded":
        return RefundView(refund_id=refund.id, status="succeeded", amount=amount)
    if refund.status in ("failed", "canceled"):
        code = _field(refund, "failure_reason") or refund.status
        return RefundView(refund_id=refund.id, status="failed", amount=amount, code=code)
    return RefundView(refund_id=refund.id, status="pending", amount=amount, code=refund.status)


def dispute_view(dispute: stripe.Dispute) -> DisputeView:
    due_by = dispute.evidence_details.due_by
    intent = dispute.payment_intent
    status: Literal["opened", "won", "lost"] = _DISPUTE_STATUS.get(dispute.status, "opened")
    moved = [entry for entry in dispute.balance_transactions if entry.currency == dispute.currency]
    return DisputeView(
        dispute_id=dispute.id,
        status=status,
        amount=money(dispute.amount, dispute.currency),
        capture_id=intent if isinstance(intent, str) else intent.id if intent else "",
        reason=dispute.reason,
        taken_cents=max(0, -sum(entry.amount for entry in moved)) if moved and status == "lost" else None,
        fee_cents=max(0, sum(entry.fee for entry in moved)),
        opened_at=datetime.fromtimestamp(dispute.created, UTC),
        respond_by=datetime.fromtimestamp(due_by, UTC) if due_by else None,
    )
