"""All that may happen to a payment next: by the citizen, the provider, the worker, a webhook, the clock."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from uuid import UUID

from tests.paths.provider import Answer, answers, citizens_doing
from tests.paths.world import (
    Asked,
    AttemptRow,
    Bounds,
    DisputeRow,
    Move,
    Order,
    RefundRow,
    Sent,
    Session,
    World,
    changed,
    replace_at,
    with_order,
)

from payment.domain.attempt import TRIES_MAX, Call, next_call
from payment.domain.payment import Method, Payment, Trigger, target_of
from payment.domain.refund import RefundState
from payment.domain.settlement import Miss, Settlement, decide

EFFECTS = (Call.OPEN, Call.AUTHORISE, Call.CAPTURE, Call.VOID)
METHODS: tuple[Method, ...] = ("card", "paypal")


def payment_moves(world: World) -> Iterator[Move]:
    for index, order in enumerate(world.orders):
        for name, after in _of_order(order, world.bounds, world.now):
            yield Move(f"payment {index + 1}: {name}", with_order(world, index, after))


@cache
def _of_order(order: Order, bounds: Bounds, now: datetime) -> tuple[tuple[str, Order], ...]:
    """An order meets its next step in many worlds."""
    return tuple(_steps(order, bounds, now))


def _steps(order: Order, bounds: Bounds, now: datetime) -> Iterator[tuple[str, Order]]:
    yield from _choices(order, bounds, now)
    for number in range(len(order.attempts)):
        yield from _at_the_provider(order, number)
        yield from _calls(order, number, delays=bounds.delays)
    if order.sent:
        call = f"call {order.sent.number} {order.sent.call}"
        for answer in late_answers(order, order.sent):
            yield f"{call} arrives: {answer.name}", arrive(order, order.sent, answer)
    if order.asked:
        yield "answer written down", write_down(order)
    if is_overdue(order.payment, now):
        yield "time is up", expire(order)
    for number, refund in enumerate(order.refunds):
        if may_submit(order, refund):
            yield "refund succeeds", give_back(order, number)
            yield "refund fails", with_refund(order, number, "failed")


def _at_the_provider(order: Order, number: int) -> Iterator[tuple[str, Order]]:
    attempt, session = order.attempts[number], order.sessions[number]
    truth = citizens_doing(session, attempt.method, order.payment.capture) if attempt.session_id else None
    if truth:
        yield f"citizen pays ({attempt.method} {number})", with_session(order, number, session._replace(truth=truth))
    if session.truth == "authorised":
        yield f"authorisation {number} lapses", with_session(order, number, session._replace(truth="over"))


def _calls(order: Order, number: int, *, delays: bool) -> Iterator[tuple[str, Order]]:
    call = next_call(order.payment, order.attempts[number])
    for answer in asks(order, number):
        yield f"provider asked: {number} {call} {answer.name}", arrive(order, sent(order, number), answer)
    if delays and order.sent is None and call in EFFECTS:
        yield f"call {number} {call} is sent", changed(order, sent=sent(order, number))


def _choices(order: Order, bounds: Bounds, now: datetime) -> Iterator[tuple[str, Order]]:
    """`usecases/choose_method.py`."""
    if not order.payment.is_open or order.payment.expires_at <= now:
        return
    live = next((attempt for attempt in order.attempts if attempt.is_live), None)
    for method in METHODS:
        if live is None and len(order.attempts) < bounds.attempts:
            yield f"citizen chooses {method}", _begin(order, method)
        elif live is not None and live.method != method and live.state == "open":
            yield f"citizen changes to {method}", close_open(order)


def _begin(order: Order, method: Method) -> Order:
    number = len(order.attempts)
    attempt = AttemptRow(
        id=UUID(int=order.payment.id.int * 100 + number),
        tenant=order.payment.tenant,
        payment_id=order.payment.id,
        state="opening",
        method=method,
        provider="stripe" if method == "card" else "paypal",
        created_at=order.payment.created_at,
    )
    order = changed(order, attempts=(*order.attempts, attempt), sessions=(*order.sessions, Session()))
    return changed(order, payment=moved(order.payment, Trigger.CHOOSE))


def is_overdue(payment: Payment, now: datetime) -> bool:
    return payment.state in ("created", "pending") and payment.expires_at <= now


def asks(order: Order, number: int) -> Iterator[Answer]:
    """By the sweeper where the attempt is due, or by whoever heard a webhook: then also where it is not."""
    attempt, session = order.attempts[number], order.sessions[number]
    call = next_call(order.payment, attempt)
    if call is Call.READ and attempt.session_id is None:
        return
    yield from answers(call, session, attempt, order.payment.capture)


def wants_look(order: Order, number: int) -> bool:
    """The sweeper would come, or the provider would send a webhook, and it would change something."""
    attempt, session = order.attempts[number], order.sessions[number]
    if next_call(order.payment, attempt) is not Call.READ:
        return True
    if attempt.session_id is None or attempt.state == "review":
        return False
    news = {"open": (), "approved": ("open",), "none": ()}.get(session.truth)
    if news is not None:
        return attempt.state in news and order.payment.is_open
    known = {"authorised": ("authorised", "voiding"), "paid": ("paid",), "over": ("closed", "voided", "failed")}
    return attempt.state not in known[session.truth]


def sent(order: Order, number: int) -> Sent:
    attempt = order.attempts[number]
    return Sent(number, attempt.state, next_call(order.payment, attempt))


def late_answers(order: Order, sent: Sent) -> Iterator[Answer]:
    attempt, session = order.attempts[sent.number], order.sessions[sent.number]
    yield from answers(sent.call, session, attempt, order.payment.capture)


def arrive(order: Order, sent: Sent, answer: Answer) -> Order:
    """The effect is there; whether anybody hears of it is another matter."""
    session = order.sessions[sent.number]._replace(truth=answer.truth)
    asked = Asked(sent.number, sent.state, sent.call, answer.outcome)
    if order.sent == sent:
        order = changed(order, sent=None)
    return changed(with_session(order, sent.number, session), asked=asked)


def write_down(order: Order) -> Order:
    """`sync_attempt._record`: nothing, where somebody else was faster."""
    asked = order.asked
    assert asked is not None
    order, attempt = changed(order, asked=None), order.attempts[asked.number]
    if attempt.state != asked.state:
        return order
    if isinstance(asked.outcome, Miss):
        attempt = changed(attempt, tries=TRIES_MAX - 1)
    return apply(order, asked.number, decide(order.payment, attempt, asked.outcome))


def apply(order: Order, number: int, settlement: Settlement) -> Order:
    """`sync_attempt._apply`."""
    payment, after = order.payment, changed(settlement.attempt, tries=0)
    for trigger in settlement.triggers:
        is_review = trigger is Trigger.REVIEW
        payment = moved(
            payment,
            trigger,
            settled_attempt_id=after.id if settlement.is_settling else payment.settled_attempt_id,
            review_cause=settlement.review_cause if is_review else payment.review_cause,
        )
    order = changed(order, payment=payment, attempts=replace_at(order.attempts, number, after))
    if settlement.is_settling:
        order = close_open(order)
    if settlement.refund:
        order = refund_rest(order, number, "approved")
    return order


def refund_rest(order: Order, number: int, state: RefundState) -> Order:
    """`usecases/request_refund.py`: what is left of a capture."""
    left = order.attempts[number].captured_cents - order.reserved_cents(number)
    return changed(order, refunds=(*order.refunds, RefundRow(number, left, state))) if left > 0 else order


def expire(order: Order) -> Order:
    """`usecases/expire_payments.py`."""
    payment = moved(order.payment, Trigger.TIME_UP)
    order = changed(order, payment=payment)
    if payment.state == "expired":
        return order
    order = close_open(order)
    if any(attempt.is_live for attempt in order.attempts):
        return order
    return changed(order, payment=moved(payment, Trigger.CLOSE_DONE))


def close_open(order: Order) -> Order:
    attempts = [changed(each, state="closing") if each.state == "open" else each for each in order.attempts]
    return changed(order, attempts=tuple(attempts))


def may_submit(order: Order, refund: RefundRow) -> bool:
    """An approved one waits while we know of an open dispute."""
    return refund.state == "approved" and DisputeRow(refund.number, "opened") not in order.disputes


def with_refund(order: Order, number: int, state: RefundState) -> Order:
    return changed(order, refunds=replace_at(order.refunds, number, order.refunds[number]._replace(state=state)))


def give_back(order: Order, number: int) -> Order:
    """`usecases/submit_refunds.py`."""
    refund = order.refunds[number]
    session = order.sessions[refund.number]
    if session.dispute in ("opened", "lost"):
        return with_refund(order, number, "failed")  # the provider knew of it before us
    session = session._replace(refunded_cents=session.refunded_cents + refund.cents)
    order = with_session(order, refund.number, session)
    return count_refund(with_refund(order, number, "succeeded"), refund)


def count_refund(order: Order, refund: RefundRow) -> Order:
    payment = order.payment
    if payment.settled_attempt_id == order.attempts[refund.number].id and payment.state == "paid":
        payment = changed(payment, refunded_cents=payment.refunded_cents + refund.cents)
        order = changed(order, payment=moved(payment, Trigger.REFUND))
    return order


def with_session(order: Order, number: int, session: Session) -> Order:
    return changed(order, sessions=replace_at(order.sessions, number, session))


def moved(payment: Payment, trigger: Trigger, **changes: object) -> Payment:
    """Raises IllegalMove, as the use case would."""
    target = target_of(payment.state, trigger)
    return changed(payment, state=target, version=payment.version + 1, **changes)
