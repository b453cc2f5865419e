"""A dispute in Stripe's words and in PayPal's."""

from datetime import datetime
from typing import Any

from demo.sandbox.paypal_shapes import amount, link, stamp
from demo.sandbox.sale import Dispute, Sale
from demo.sandbox.settlement import DISPUTE_FEES
from demo.sandbox.stripe_shapes import seconds

STRIPE_STATUS = {"open": "needs_response", "won": "won", "lost": "lost"}
PAYPAL_OUTCOME = {"won": "RESOLVED_SELLER_FAVOUR", "lost": "RESOLVED_BUYER_FAVOUR"}

Shape = dict[str, Any]


def stripe(sale: Sale, dispute: Dispute) -> Shape:
    return {
        "id": dispute.id,
        "object": "dispute",
        "amount": dispute.amount_cents,
        "balance_transactions": [],  # `stripe_balance` fills it in
        "charge": sale.charge_id,
        "created": seconds(dispute.opened_at),
        "currency": sale.currency.lower(),
        "evidence_details": {
            "due_by": seconds(dispute.respond_by),
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": sale.intent_id,
        "reason": "fraudulent",
        "status": STRIPE_STATUS[dispute.state],
    }


def paypal(sale: Sale, dispute: Dispute, base: str) -> Shape:
    is_open = dispute.state == "open"
    disputed = amount(dispute.amount_cents, sale.currency)
    return {
        "dispute_id": dispute.id,
        "create_time": stamp(dispute.opened_at),
        "update_time": stamp(dispute.updated_at),
        "disputed_transactions": [
            {
                "seller_transaction_id": sale.capture_id,
                "create_time": stamp(sale.captured_at or dispute.opened_at),
                "transaction_status": "COMPLETED",
                "gross_amount": amount(sale.captured_cents, sale.currency),
                **({"custom": sale.attempt_id} if sale.attempt_id else {}),
                **({"invoice_number": sale.reference} if sale.reference else {}),
            }
        ],
        "reason": "UNAUTHORISED",
        "status": "WAITING_FOR_SELLER_RESPONSE" if is_open else "RESOLVED",
        "dispute_amount": disputed,
        "dispute_life_cycle_stage": "CHARGEBACK",
        "dispute_channel": "INTERNAL",
        **_outcome(dispute, disputed),
        "links": [link(f"{base}/v1/customer/disputes/{dispute.id}", "self")],
    }


def _outcome(dispute: Dispute, disputed: Shape) -> Shape:
    if dispute.state == "open":
        return {"seller_response_due_date": stamp(dispute.respond_by)}
    outcome = {"outcome_code": PAYPAL_OUTCOME[dispute.state]}
    if dispute.state != "lost":
        return {"dispute_outcome": outcome}
    fee = amount(DISPUTE_FEES["paypal"], disputed["currency_code"])
    return {
        "dispute_outcome": outcome | {"amount_refunded": disputed},
        "money_movements": [
            _debit(disputed, "DISPUTE_SETTLEMENT", dispute.updated_at),
            _debit(fee, "CHARGEBACK_FEE", dispute.updated_at),
        ],
    }


def _debit(moved: Shape, reason: str, at: datetime) -> Shape:
    return {"affected_party": "SELLER", "amount": moved, "initiated_time": stamp(at), "type": "DEBIT", "reason": reason}
