"""A sale in PayPal's words: order, authorization, capture, refund, webhook event."""

from datetime import datetime, timedelta
from typing import Any

from demo.sandbox.sale import Refund, Sale, capture_pending

AUTHORISATION_LIFE = timedelta(days=29)
REFUND_STATUS = {"succeeded": "COMPLETED", "pending": "PENDING", "failed": "FAILED"}
RESOURCE_TYPES = {
    "CHECKOUT.ORDER": "checkout-order",
    "PAYMENT.AUTHORIZATION": "authorization",
    "CUSTOMER.DISPUTE": "dispute",
}

Shape = dict[str, Any]


def stamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def amount(cents: int, currency: str) -> Shape:
    return {"currency_code": currency, "value": f"{cents // 100}.{cents % 100:02d}"}


def link(href: str, rel: str, method: str = "GET") -> Shape:
    return {"href": href, "rel": rel, "method": method}


def order_status(sale: Sale) -> str:
    if sale.state in ("open", "expired") and sale.authorised_at is None:
        return "PAYER_ACTION_REQUIRED"
    return "APPROVED" if sale.state == "approved" else "COMPLETED"


def order(sale: Sale, base: str, now: datetime) -> Shape:
    self_url = f"{base}/v2/checkout/orders/{sale.id}"
    status = order_status(sale)
    links = [link(self_url, "self")]
    if status == "PAYER_ACTION_REQUIRED":
        links.append(link(f"{base}/pay/paypal/{sale.id}?lang={sale.language}", "payer-action"))
    if status == "APPROVED":
        verb = "authorize" if sale.manual else "capture"
        links.append(link(f"{self_url}/{verb}", verb, "POST"))
    return {
        "id": sale.id,
        "intent": "AUTHORIZE" if sale.manual else "CAPTURE",
        "status": status,
        "payment_source": {"paypal": {}},
        "purchase_units": [_unit(sale, base, now)],
        "create_time": stamp(sale.created_at),
        "update_time": stamp(sale.updated_at),
        "links": links,
    }


def _unit(sale: Sale, base: str, now: datetime) -> Shape:
    unit: Shape = {"reference_id": sale.unit_id, "amount": amount(sale.amount_cents, sale.currency)}
    optional = {"custom_id": sale.attempt_id, "invoice_id": sale.reference, "description": sale.description}
    unit |= {name: value for name, value in optional.items() if value}
    payments: Shape = {}
    if sale.authorization_id:
        payments["authorizations"] = [authorization(sale, base, now)]
    if sale.capture_id:
        payments["captures"] = [capture(sale, base, now)]
    if sale.refunds:
        payments["refunds"] = [refund(sale, made, base) for made in sale.refunds]
    return unit | ({"payments": payments} if payments else {})


def authorization(sale: Sale, base: str, now: datetime) -> Shape:
    since = sale.authorised_at or now
    url = f"{base}/v2/payments/authorizations/{sale.authorization_id}"
    status = {"authorised": "CREATED", "paid": "CAPTURED"}.get(sale.state, "VOIDED")  # lapsed reads as voided, too
    return _identified(sale) | {
        "id": sale.authorization_id,
        "status": status,
        "amount": amount(sale.amount_cents, sale.currency),
        "seller_protection": {"status": "NOT_ELIGIBLE"},
        "expiration_time": stamp(since + AUTHORISATION_LIFE),
        "supplementary_data": {"related_ids": {"order_id": sale.id}},
        "create_time": stamp(since),
        "update_time": stamp(sale.updated_at),
        "links": [
            link(url, "self"),
            link(f"{url}/capture", "capture", "POST"),
            link(f"{url}/void", "void", "POST"),
            link(f"{base}/v2/checkout/orders/{sale.id}", "up"),
        ],
    }


def capture_status(sale: Sale, now: datetime) -> str:
    if capture_pending(sale, now):
        return "PENDING"
    if not sale.refunded_cents:
        return "COMPLETED"
    return "REFUNDED" if sale.refunded_cents == sale.captured_cents else "PARTIALLY_REFUNDED"


def capture(sale: Sale, base: str, now: datetime) -> Shape:
    gross = amount(sale.captured_cents, sale.currency)
    status = capture_status(sale, now)
    url = f"{base}/v2/payments/captures/{sale.capture_id}"
    related = {"order_id": sale.id} | ({"authorization_id": sale.authorization_id} if sale.authorization_id else {})
    return _identified(sale) | {
        "id": sale.capture_id,
        "status": status,
        **({"status_details": {"reason": "PENDING_REVIEW"}} if status == "PENDING" else {}),
        "amount": gross,
        "final_capture": True,
        "seller_protection": {"status": "NOT_ELIGIBLE"},
        "seller_receivable_breakdown": {"gross_amount": gross, "net_amount": gross},
        "supplementary_data": {"related_ids": related},
        "create_time": stamp(sale.captured_at or now),
        "update_time": stamp(sale.updated_at),
        "links": [
            link(url, "self"),
            link(f"{url}/refund", "refund", "POST"),
            link(f"{base}/v2/checkout/orders/{sale.id}", "up"),
        ],
    }


def _identified(sale: Sale) -> Shape:
    names = {"custom_id": sale.attempt_id, "invoice_id": sale.reference}
    return {name: value for name, value in names.items() if value}


def refund(sale: Sale, made: Refund, base: str) -> Shape:
    gross = amount(made.amount_cents, sale.currency)
    return {
        "id": made.id,
        "status": REFUND_STATUS[made.state],
        "amount": gross,
        **made.metadata,
        "seller_payable_breakdown": {"gross_amount": gross, "net_amount": gross},
        "create_time": stamp(made.created_at),
        "update_time": stamp(sale.updated_at),
        "links": [
            link(f"{base}/v2/payments/refunds/{made.id}", "self"),
            link(f"{base}/v2/payments/captures/{sale.capture_id}", "up"),
        ],
    }


def event(id_: str, kind: str, resource: Shape, now: datetime) -> Shape:
    prefix = kind.rsplit(".", 1)[0]
    fallback = "refund" if kind == "PAYMENT.CAPTURE.REFUNDED" else "capture"
    return {
        "id": id_,
        "event_version": "1.0",
        "create_time": stamp(now),
        "resource_type": RESOURCE_TYPES.get(prefix, fallback),
        "resource_version": "2.0",
        "event_type": kind,
        "summary": kind,
        "resource": resource,
        "links": [],
    }


def problem(name: str, message: str, issue: str = "", field: str = "") -> Shape:
    details = [{"issue": issue, **({"field": field, "location": "body"} if field else {})}] if issue else []
    return {"name": name, "message": message, "debug_id": "sandbox0000000", "details": details, "links": []}
