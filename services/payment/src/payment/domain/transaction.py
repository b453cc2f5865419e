"""Between XBezahldienste's words and ours: what a request orders, and what its payment looks like from there."""

import re
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

import msgspec

from contracts.payment import NewPayment, PaymentItem, PaymentState
from payment.domain.attempt import Attempt
from payment.domain.errors import BookingDataMissing, InvalidRequest, SumDiffers
from payment.domain.payment import Method, Payment
from payment.domain.xbezahldienste import (
    CENT,
    NotWholeCents,
    PaymentInformation,
    PaymentMethod,
    PaymentTransaction,
    Status,
    TransactionItem,
    TransactionRequest,
    find_faults,
    to_cents,
    to_timestamp,
)

QUANTITY_SHOWN_MAX = 999

STATUS_OF: dict[PaymentState, Status] = {
    "created": "INITIAL",
    "pending": "INITIAL",
    "expiring": "INITIAL",  # until the provider has said that nothing was paid
    "authorised": "INITIAL",
    "capturing": "INITIAL",
    "paid": "PAYED",
    "capture_failed": "FAILED",
    "voiding": "CANCELED",
    "cancelled": "CANCELED",
    "expired": "CANCELED",
    "review": "INITIAL",  # money may have come in: nobody is to be asked to pay again before a person has decided
}
METHOD_OF: dict[Method, PaymentMethod] = {"card": "CREDITCARD", "paypal": "PAYPAL", "xbezahldienste": "OTHER"}


def order_of(request: TransactionRequest, booking_data: Collection[str]) -> NewPayment:
    """`booking_data`: keys that every item must bring. Raises InvalidRequest, SumDiffers, BookingDataMissing."""
    faults = list(find_faults(request))
    if faults:
        raise InvalidRequest(*faults)
    _check_sums(request)
    _check_booking_data(request, booking_data)
    return NewPayment(
        reference=request.request_id,
        description=(request.description or "").strip() or request.purpose,
        items=[_item(item) for item in request.items],
        return_url=request.redirect_url,
        currency=request.currency,
    )


def _check_sums(request: TransactionRequest) -> None:
    total = sum((item.total for item in request.items), Decimal(0))
    if total != request.gros_amount:
        raise SumDiffers(("grosAmount", f"is {request.gros_amount}, the items make {total}"))
    for place, item in enumerate(request.items):
        # The price of one is rounded twice, net and tax: times the quantity it may be off by a cent each.
        if item.single is not None and abs(item.single * item.quantity - item.total) > item.quantity * CENT:
            raise SumDiffers(
                (f"items[{place}].totalNetAmount", f"{item.quantity} of {item.single} make no {item.total}")
            )


def _check_booking_data(request: TransactionRequest, wanted: Collection[str]) -> None:
    missing = [
        (f"items[{place}].bookingData.{key}", "is required here")
        for place, item in enumerate(request.items)
        for key in wanted
        if not (item.booking_data or {}).get(key, "").strip()
    ]
    if missing:
        raise BookingDataMissing(*missing)


def _item(item: TransactionItem) -> PaymentItem:
    """A position whose single price is no whole cents, or does not make up its total, counts as one piece."""
    quantity, cents = item.quantity, to_cents(item.total_net_amount) + to_cents(item.total_tax_amount)
    if quantity > QUANTITY_SHOWN_MAX or cents % quantity or not _is_price_of_one(item, cents // quantity):
        quantity = 1
    return PaymentItem(
        description=item.description,
        quantity=quantity,
        amount_cents=cents // quantity,
        accounting=item.booking_data or {},
    )


def _is_price_of_one(item: TransactionItem, cents: int) -> bool:
    try:
        return item.single is None or to_cents(item.single) == cents
    except NotWholeCents:
        return False


def without_person(request: TransactionRequest) -> TransactionRequest:
    """What is kept of a request: who pays is nothing that we need."""
    return msgspec.structs.replace(request, requestor=None)


def without_path(request: TransactionRequest) -> TransactionRequest:
    """As it is kept after a while (`domain/retention.py`)."""
    origin = re.match(r"[A-Za-z]+://[^/?#]+", request.redirect_url)
    return msgspec.structs.replace(request, redirect_url=f"{origin[0] if origin else ''}/")


def transaction_of(
    payment: Payment,
    request: TransactionRequest,
    *,
    settled: Attempt | None,
    paid_at: datetime | None,
    own_url: str,
    checkout_url: str,
) -> PaymentTransaction:
    status = STATUS_OF[payment.state]
    is_paid = status == "PAYED" and settled is not None
    information = PaymentInformation(
        transaction_url=own_url,
        transaction_redirect_url=checkout_url if status == "INITIAL" else None,
        transaction_id=str(payment.id),
        transaction_reference=payment.treasury_reference,
        transaction_timestamp=to_timestamp(paid_at) if is_paid and paid_at else None,
        payment_method=METHOD_OF[settled.method] if is_paid and settled else None,
        payment_method_detail=settled.card.brand if is_paid and settled and settled.card else None,
        status=status,
        status_detail=_detail(payment),
    )
    return PaymentTransaction(payment_information=information, payment_request=request)


def _detail(payment: Payment) -> str | None:
    """What the standard's four words do not say: letters and hyphens."""
    if payment.state == "paid" and payment.refunded_cents:
        return "refunded" if payment.refunded_cents == payment.amount_cents else "partly-refunded"
    return payment.state if payment.state in ("expired", "review", "expiring") else None
