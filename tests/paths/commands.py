"""What booking commands, as payment's use cases obey."""

from tests.paths.payment_moves import close_open, moved
from tests.paths.world import (
    Order,
    RefundRow,
    changed,
)

from booking.domain.appointment import Command
from payment.domain.dispute import check_undisputed
from payment.domain.errors import PaymentError
from payment.domain.payment import Trigger
from payment.domain.refund import check_amount


def obey(order: Order, command: Command) -> Order:
    """What payment does with a caller's command; what it refuses changes nothing."""
    match command.verb:
        case "capture":
            return _capture(order)
        case "cancel":
            return _cancel(order)
        case "refund":
            return _refund(order, command.amount_cents or 0)


def _capture(order: Order) -> Order:
    if order.payment.state != "authorised":
        return order
    return changed(order, payment=moved(order.payment, Trigger.CAPTURE))


def _cancel(order: Order) -> Order:
    """`usecases/cancel_payment.py`."""
    payment = order.payment
    match payment.state:
        case "created":
            return changed(order, payment=moved(payment, Trigger.CANCEL))
        case "pending" | "expiring":
            order = close_open(changed(order, payment=changed(payment, cancel_requested_at=payment.created_at)))
            if any(attempt.is_live for attempt in order.attempts) or payment.state == "expiring":
                return order
            return changed(order, payment=moved(order.payment, Trigger.CANCEL))
        case "authorised":
            attempts = [
                changed(each, state="voiding") if each.id == payment.settled_attempt_id else each
                for each in order.attempts
            ]
            return changed(order, payment=moved(payment, Trigger.VOID), attempts=tuple(attempts))
        case _:
            return order


def _refund(order: Order, cents: int) -> Order:
    """`usecases/request_refund.py`, where the tenant gave its standing order."""
    payment = order.payment
    settled = [n for n, attempt in enumerate(order.attempts) if attempt.id == payment.settled_attempt_id]
    if payment.state != "paid" or not settled:
        return order
    (number,) = settled
    try:
        check_undisputed([dispute.state for dispute in order.disputes if dispute.number == number])
        captured_cents = order.attempts[number].captured_cents
        check_amount(cents, captured_cents=captured_cents, reserved_cents=order.reserved_cents(number))
    except PaymentError:
        return order
    return changed(order, refunds=(*order.refunds, RefundRow(number, cents, "approved")))
