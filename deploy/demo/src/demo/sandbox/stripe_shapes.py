"""A sale in Stripe's words: session, payment intent, charge, refund, event. Only the test mode exists here."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.sandbox import magic
from demo.sandbox.sale import Refund, Sale, capture_pending

API_VERSION = "2026-10-28.endive"
AUTHORISATION_LIFE = timedelta(days=7)
SESSION_STATUS = {"open": "open", "expired": "expired"}

Shape = dict[str, Any]


def seconds(instant: datetime | None) -> int | None:
    return int(instant.timestamp()) if instant else None


def instant(seconds_: int) -> datetime:
    return datetime.fromtimestamp(seconds_, UTC)


def session(sale: Sale, url: str, now: datetime, expand: frozenset[str] = frozenset()) -> Shape:
    complete = sale.authorised_at is not None or sale.captured_at is not None
    status = "complete" if complete else SESSION_STATUS.get(sale.state, "open")
    paid = sale.captured_at is not None and not capture_pending(sale, now)
    inner = frozenset(name.removeprefix("payment_intent.") for name in expand if name.startswith("payment_intent."))
    wants_intent = bool(inner) or "payment_intent" in expand
    return {
        "id": sale.id,
        "object": "checkout.session",
        "amount_subtotal": sale.amount_cents,
        "amount_total": sale.amount_cents,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": sale.cancel_url or None,
        "client_reference_id": sale.reference or None,
        "created": seconds(sale.created_at),
        "currency": sale.currency.lower(),
        "custom_fields": [],
        "customer": None,
        "expires_at": seconds(sale.expires_at),
        "livemode": False,
        "locale": sale.language,
        "metadata": sale.metadata,
        "mode": "payment",
        "payment_intent": intent(sale, now, inner) if wants_intent and sale.intent_id else sale.intent_id,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "paid" if paid else "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": status,
        "success_url": sale.success_url,
        "ui_mode": "hosted_page",
        "url": url if status == "open" else None,
    }


def intent_status(sale: Sale, now: datetime) -> str:
    if sale.state == "paid":
        return "processing" if capture_pending(sale, now) else "succeeded"
    if sale.challenge:
        return "requires_action"
    by_state = {"authorised": "requires_capture", "voided": "canceled", "expired": "canceled"}
    return by_state.get(sale.state, "requires_payment_method")


def intent(sale: Sale, now: datetime, expand: frozenset[str] = frozenset()) -> Shape:
    status = intent_status(sale, now)
    canceled = status == "canceled"
    reason = {"voided": "abandoned", "expired": "automatic"}.get(sale.state)
    return {
        "id": sale.intent_id,
        "object": "payment_intent",
        "amount": sale.amount_cents,
        "amount_capturable": sale.amount_cents if status == "requires_capture" else 0,
        "amount_received": sale.captured_cents if status == "succeeded" else 0,
        "canceled_at": seconds(sale.updated_at) if canceled else None,
        "cancellation_reason": reason if canceled else None,
        "capture_method": "manual" if sale.manual else "automatic",
        "client_secret": f"{sale.intent_id}_secret_sandbox",
        "confirmation_method": "automatic",
        "created": seconds(sale.created_at),
        "currency": sale.currency.lower(),
        "customer": None,
        "description": sale.description or None,
        "last_payment_error": _last_error(sale),
        "latest_charge": charge(sale) if "latest_charge" in expand and sale.charge_id else sale.charge_id,
        "livemode": False,
        "metadata": {"attempt_id": sale.attempt_id, "reference": sale.reference},
        "next_action": None,
        "payment_method": None,
        "payment_method_types": ["card"],
        "status": status,
    }


def _last_error(sale: Sale) -> Shape | None:
    code = sale.last_decline
    if code is None:
        return None
    if code == magic.CHALLENGE_FAILED:
        return {"type": "invalid_request_error", "code": code, "message": "The card holder was not authenticated."}
    return {
        "type": "card_error",
        "code": code if code in ("expired_card", "incorrect_cvc", "incorrect_number") else "card_declined",
        "decline_code": code,
        "message": "The card was declined.",
    }


def charge(sale: Sale) -> Shape:
    card = sale.card
    until = sale.authorised_at + AUTHORISATION_LIFE if sale.authorised_at else None
    return {
        "id": sale.charge_id,
        "object": "charge",
        "amount": sale.amount_cents,
        "amount_captured": sale.captured_cents,
        "amount_refunded": sale.refunded_cents,
        "captured": sale.captured_at is not None,
        "created": seconds(sale.authorised_at or sale.captured_at or sale.created_at),
        "currency": sale.currency.lower(),
        "disputed": sale.dispute is not None,
        "livemode": False,
        "metadata": {"attempt_id": sale.attempt_id, "reference": sale.reference},
        "paid": True,
        "payment_intent": sale.intent_id,
        "payment_method_details": {
            "type": "card",
            "card": {
                "brand": card.brand if card else "visa",
                "last4": card.last4 if card else "4242",
                "exp_month": card.expiry_month if card else 12,
                "exp_year": card.expiry_year if card else 2030,
                **({"capture_before": seconds(until)} if until else {}),
            },
        },
        "refunded": sale.refunded_cents == sale.captured_cents > 0,
        "status": "succeeded",
    }


def refund(sale: Sale, made: Refund) -> Shape:
    return {
        "id": made.id,
        "object": "refund",
        "amount": made.amount_cents,
        "balance_transaction": None,
        "charge": sale.charge_id,
        "created": seconds(made.created_at),
        "currency": sale.currency.lower(),
        "metadata": made.metadata,
        "payment_intent": sale.intent_id,
        "reason": None,
        "status": made.state,
        **({"failure_reason": "declined"} if made.state == "failed" else {}),
    }


def event(kind: str, subject: Shape, now: datetime, new_id: Callable[[str, int], str]) -> Shape:
    return {
        "id": new_id("evt_", 24),
        "object": "event",
        "api_version": API_VERSION,
        "created": seconds(now),
        "data": {"object": subject},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }


def listing(items: list[Shape], url: str) -> Shape:
    return {"object": "list", "data": items, "has_more": False, "url": url}
