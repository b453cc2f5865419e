"""All that people decide about a payment, and what payers call back: reviews, releases, transfers by hand, disputes."""

from collections.abc import Iterator
from typing import Any

from tests.paths.commands import obey
from tests.paths.payment_moves import apply, count_refund, moved, refund_rest, with_refund, with_session
from tests.paths.provider import citizens_doing, says
from tests.paths.world import DisputeRow, Move, Order, World, changed, with_order

from booking.domain.appointment import Command
from payment.domain.attempt import Call, Seen, next_call
from payment.domain.dispute import check_decided, check_undisputed
from payment.domain.errors import PaymentError
from payment.domain.refund import RefundTrigger, check_amount, refund_target
from payment.domain.review import DECISIONS, Finding, Plan, ReviewDecision, plan
from payment.domain.settlement import decide

NEVER_ASKED = ("opening", "closed", "failed", "voided")
OTHER_CENTS = 500


def treasury_moves(world: World) -> Iterator[Move]:
    for index, order in enumerate(world.orders):
        for name, after in _of_order(order):
            yield Move(f"payment {index + 1}: {name}", with_order(world, index, after))


def _of_order(order: Order) -> Iterator[tuple[str, Order]]:
    for number in range(len(order.attempts)):
        yield from _at_the_provider(order, number)
        yield from _disputes(order, number)
    for decision in DECISIONS:
        for is_heard in (True, False):
            after = decided(order, decision, is_heard=is_heard)
            if after:
                yield f"{decision}, {'asked' if is_heard else 'no answer'}", after
    for number in range(len(order.refunds)):
        for name, refund_after in (("released", release(order, number)), ("by hand", transfer(order, number))):
            if refund_after:
                yield f"refund {number} {name}", refund_after


def _at_the_provider(order: Order, number: int) -> Iterator[tuple[str, Order]]:
    attempt, session = order.attempts[number], order.sessions[number]
    truth = citizens_doing(session, attempt.method, order.payment.capture) if attempt.session_id else None
    if truth:
        other = session._replace(truth=truth, cents=session.cents + OTHER_CENTS)
        yield f"citizen pays another amount ({attempt.method} {number})", with_session(order, number, other)
    if session.truth == "authorised":
        yield f"somebody takes {number} by hand", with_session(order, number, session._replace(truth="paid"))


def _disputes(order: Order, number: int) -> Iterator[tuple[str, Order]]:
    session = order.sessions[number]
    if session.kept_cents and session.dispute is None:
        yield f"payer disputes {number}", with_session(order, number, session._replace(dispute="opened"))
    if session.dispute == "opened":
        yield f"dispute {number} won", with_session(order, number, session._replace(dispute="won"))
        if session.kept_cents and not _is_transferred(order, number):
            yield f"dispute {number} lost", with_session(order, number, session._replace(dispute="lost"))
    if after := hear_of_dispute(order, number):
        yield f"payment hears of dispute {number}", after


def _is_transferred(order: Order, number: int) -> bool:
    """Then the town shows its transfer, and wins."""
    return any(refund.number == number and refund.state == "transferred" for refund in order.refunds)


def hear_of_dispute(order: Order, number: int) -> Order | None:
    """`usecases/read_disputes.py`; None: no news."""
    state = order.sessions[number].dispute
    if state is None or order.attempts[number].capture_id is None or DisputeRow(number, state) in order.disputes:
        return None
    others = tuple(dispute for dispute in order.disputes if dispute.number != number)
    order = changed(order, disputes=(*others, DisputeRow(number, state)))
    if state != "lost":
        return order
    for position, refund in enumerate(order.refunds):
        if refund.number == number and refund.state in ("requested", "approved"):
            order = with_refund(order, position, refund_target(refund.state, RefundTrigger.LOSE))
    return order


def release(order: Order, number: int) -> Order | None:
    """`usecases/approve_refund.py`, by the last person needed."""
    refund = order.refunds[number]
    if refund.state != "requested":
        return None
    try:
        check_undisputed(_disputes_of(order, refund.number))
    except PaymentError:
        return None
    return with_refund(order, number, refund_target(refund.state, RefundTrigger.APPROVE))


def transfer(order: Order, number: int) -> Order | None:
    """`usecases/transfer_refund.py`. Nobody transfers what the payer has called back, heard of or not: they look."""
    refund = order.refunds[number]
    if refund.state != "failed" or order.sessions[refund.number].dispute in ("opened", "lost"):
        return None
    captured_cents, reserved_cents = order.attempts[refund.number].captured_cents, order.reserved_cents(refund.number)
    try:
        check_decided(_disputes_of(order, refund.number))
        check_amount(refund.cents, captured_cents=captured_cents, reserved_cents=reserved_cents)
    except PaymentError:
        return None
    after = with_refund(order, number, refund_target(refund.state, RefundTrigger.TRANSFER))
    return count_refund(after, refund)


def _disputes_of(order: Order, number: int) -> list[Any]:
    return [dispute.state for dispute in order.disputes if dispute.number == number]


def decided(order: Order, decision: ReviewDecision, *, is_heard: bool = True) -> Order | None:
    """`usecases/decide_review.py`; None where the facts do not allow it, or nothing would change."""
    if order.payment.state != "review":
        return None
    looked = _look_at(order) if is_heard else order
    if decision == "look_again":
        return looked if looked != order else None
    findings = [
        Finding(attempt, _answer(looked, number) if is_heard else None, looked.reserved_cents(number))
        for number, attempt in enumerate(looked.attempts)
    ]
    chosen = plan(decision, looked.payment, findings, looked.payment.created_at)
    return _carried_out(looked, chosen) if isinstance(chosen, Plan) else None


def _look_at(order: Order) -> Order:
    """`usecases/look_at_review.py`: what came in is booked as it is found."""
    for number, attempt in enumerate(order.attempts):
        answer = _answer(order, number)
        if answer and next_call(order.payment, attempt) is Call.READ:
            order = apply(order, number, decide(order.payment, attempt, answer))
    return order


def _answer(order: Order, number: int) -> Seen | None:
    attempt = order.attempts[number]
    is_asked = attempt.session_id is not None and attempt.state not in NEVER_ASKED
    return says(order.sessions[number]) if is_asked else None


def _carried_out(order: Order, chosen: Plan) -> Order:
    payment = moved(
        order.payment,
        chosen.trigger,
        settled_attempt_id=chosen.settled.id if chosen.settled else order.payment.settled_attempt_id,
        amount_cents=chosen.amount_cents or order.payment.amount_cents,
    )
    after = {attempt.id: attempt for attempt in chosen.attempts}
    order = changed(order, payment=payment, attempts=tuple(after.get(each.id, each) for each in order.attempts))
    ids = [attempt.id for attempt in order.attempts]
    for attempt in chosen.duplicates:
        order = refund_rest(order, ids.index(attempt.id), "approved")
    for attempt in chosen.gives_back:
        order = refund_rest(order, ids.index(attempt.id), "requested")
    return order


def go_on(order: Order) -> Order | None:
    """One thing that people and portals do in the end, and that becomes of disputes; None: nothing is left to do."""
    if order.payment.state == "authorised":
        return obey(order, Command(verb="capture", payment_id=order.payment.id))
    for number, session in enumerate(order.sessions):
        if session.dispute == "opened":
            return with_session(order, number, session._replace(dispute="won"))
        if after := hear_of_dispute(order, number):
            return after
    for number in range(len(order.refunds)):
        if after := release(order, number):
            return after
    return next((after for decision in DECISIONS if (after := decided(order, decision))), None)
