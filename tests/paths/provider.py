"""The two providers as far as money is concerned: what a call may answer, and what it changes there."""

from collections.abc import Iterator
from typing import NamedTuple

from tests.paths.world import Session, Truth, changed

from contracts.money import Money
from payment.domain.attempt import TRIES_MAX, Attempt, Call, Seen, SeenStatus
from payment.domain.payment import CaptureMode, Method
from payment.domain.settlement import Miss, Outcome, Refusal

_SEEN: dict[Truth, SeenStatus] = {
    "open": "open",
    "approved": "approved",
    "authorised": "authorised",
    "paid": "paid",
    "over": "closed",
}


class Answer(NamedTuple):
    name: str
    truth: Truth
    """As it is afterwards."""
    outcome: Outcome
    is_good: bool = True
    """Once nothing fails any more, this is the answer."""


def answers(call: Call, session: Session, attempt: Attempt, capture: CaptureMode) -> Iterator[Answer]:
    """All that a call may do. What is asked twice under one key has one effect; an answer may also get lost on its way,
    which `Asked` covers.
    """
    truth = session.truth
    match call:
        case Call.OPEN:
            yield Answer("opened", "open" if truth == "none" else truth, seen("open", session.cents))
            if truth == "none":
                yield Answer("refused", "none", changed(seen("closed", session.cents), session_id=None), is_good=False)
        case Call.CLOSE:
            yield _closed(session, attempt.method)
        case Call.AUTHORISE if truth == "approved":
            taken: Truth = "authorised" if capture == "manual" else "paid"
            yield Answer("taken", taken, seen(_SEEN[taken], session.cents))
            yield Answer("declined", "open", seen("open", session.cents), is_good=False)
            yield Answer("refused", "over", seen("closed", session.cents), is_good=False)
        case Call.CAPTURE | Call.VOID if truth == "authorised":
            yield from _settlements(call, session.cents)
        case Call.CAPTURE if truth != "paid":
            yield Answer("gone", truth, Refusal("gone"))
        case _:
            yield Answer("read", truth, says(session))


def _settlements(call: Call, cents: int) -> Iterator[Answer]:
    """Of money that is reserved."""
    if call is Call.CAPTURE:
        yield Answer("captured", "paid", seen("paid", cents))
    else:
        yield Answer("voided", "over", seen("closed", cents))
        yield Answer(f"unknown {TRIES_MAX} times", "authorised", Miss("timeout"), is_good=False)
    yield Answer("refused", "authorised", Refusal("refused"), is_good=False)


def _closed(session: Session, method: Method) -> Answer:
    """A Stripe session is ended; a PayPal order cannot be, and no money is reserved on it."""
    truth = session.truth
    if truth in ("open", "approved"):
        return Answer("closed", "over" if method == "card" else truth, seen("closed", session.cents))
    return Answer("read", truth, says(session))


def says(session: Session) -> Seen:
    return seen(_SEEN[session.truth], session.cents)


def citizens_doing(session: Session, method: Method, capture: CaptureMode) -> Truth | None:
    """What pressing “pay” leads to. A decline leaves all as it is."""
    if session.truth != "open":
        return None
    if method == "paypal":
        return "approved"
    return "authorised" if capture == "manual" else "paid"


def seen(status: SeenStatus, cents: int) -> Seen:
    return Seen(
        status=status,
        amount=Money(cents, "EUR"),
        reference="K1",
        session_id="s",
        authorization_id="a" if status == "authorised" else None,
        capture_id="c" if status == "paid" else None,
    )
