"""What a look at the provider means for an attempt and its payment: one pure decision, applied by `sync_attempt`.

The same look twice decides nothing the second time, and a failure touches its own attempt only.
"""

from typing import Literal

import msgspec

from payment.domain.attempt import TRIES_MAX, Attempt, AttemptState, Seen
from payment.domain.payment import Payment, Trigger

StrayReason = Literal["duplicate", "late"]


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """`attempt` as it is to be; `triggers` move the payment; `is_settling` makes this attempt the one that counts."""

    attempt: Attempt
    triggers: tuple[Trigger, ...] = ()
    is_settling: bool = False
    is_captured: bool = False
    refund: StrayReason | None = None
    review_cause: str | None = None


class Miss(msgspec.Struct, frozen=True):
    """A call had no outcome: whether its effect happened is unknown."""

    code: str


class Refusal(msgspec.Struct, frozen=True):
    """A capture or void will never succeed."""

    code: str


Outcome = Seen | Miss | Refusal


def decide(payment: Payment, attempt: Attempt, outcome: Outcome) -> Settlement:
    match outcome:
        case Seen():
            return _on_seen(payment, _learn(attempt, outcome), outcome)
        case Miss():
            return _on_miss(payment, attempt)
        case Refusal(code=code):
            return _on_refusal(payment, attempt, code)


def _on_seen(payment: Payment, attempt: Attempt, seen: Seen) -> Settlement:
    if attempt.state == "review":
        return _on_seen_in_review(payment, attempt, seen)
    cause = _difference(payment, seen) if seen.status in ("authorised", "paid") and attempt.state != "paid" else None
    if cause and not (cause == "amount_differs" and _is_stray(payment, attempt)):
        return _on_difference(payment, attempt, seen, cause)
    match seen.status:
        case "paid":
            return _on_paid(payment, attempt, seen)
        case "authorised":
            return _on_authorised(payment, attempt)
        case "approved":
            return _on_approved(payment, attempt)
        case "open":
            return _on_open(payment, attempt)
        case "closed":
            return _on_closed(payment, attempt)


def _on_miss(payment: Payment, attempt: Attempt) -> Settlement:
    """The call is made again, with the same key. A void that stays unknown goes to a person."""
    again = _once_more(attempt)
    if again.state == "voiding" and again.tries >= TRIES_MAX and not _is_stray(payment, again):
        return _to_review(payment, again, "void_unknown")
    return Settlement(attempt=again)


def _once_more(attempt: Attempt) -> Attempt:
    return msgspec.structs.replace(attempt, tries=attempt.tries + 1)


def _is_stray(payment: Payment, attempt: Attempt) -> bool:
    """Another attempt counts: whatever becomes of this one leaves the payment as it is."""
    return payment.state != "review" and payment.settled_attempt_id not in (None, attempt.id)


def _on_refusal(payment: Payment, attempt: Attempt, code: str) -> Settlement:
    if attempt.state == "voiding" and _is_stray(payment, attempt):
        return Settlement(attempt=_once_more(attempt))  # until it lapses by itself; no case for a person
    if attempt.state == "authorised" and payment.state == "capturing" and code != "amount_differs":
        # The reservation may still stand: it is released, and the fee becomes due at the counter.
        return Settlement(attempt=_as(attempt, "voiding"), triggers=(Trigger.CAPTURE_REFUSED,))
    return _to_review(payment, attempt, code)


def _learn(attempt: Attempt, seen: Seen) -> Attempt:
    return msgspec.structs.replace(
        attempt,
        session_id=seen.session_id or attempt.session_id,
        redirect_url=seen.redirect_url or attempt.redirect_url,
        authorization_id=seen.authorization_id or attempt.authorization_id,
        authorization_expires_at=seen.authorization_expires_at or attempt.authorization_expires_at,
        capture_id=seen.capture_id or attempt.capture_id,
        card=seen.card or attempt.card,
        last_decline=seen.last_decline or attempt.last_decline,
        tries=0,
    )


def _difference(payment: Payment, seen: Seen) -> str | None:
    if seen.amount.currency != payment.currency:
        return "currency_differs"
    if seen.amount.amount_cents != payment.amount_cents:
        return "amount_differs"
    return "reference_differs" if seen.reference != payment.treasury_reference else None


def _on_difference(payment: Payment, attempt: Attempt, seen: Seen, cause: str) -> Settlement:
    """Whatever came in is booked, also when it is not what was asked for. Not in another currency, nor another's."""
    review = _to_review(payment, attempt, cause)
    if seen.status != "paid" or cause != "amount_differs":
        return review
    counted = msgspec.structs.replace(review.attempt, captured_cents=seen.amount.amount_cents)
    return msgspec.structs.replace(review, attempt=counted, is_captured=True)


def _on_seen_in_review(payment: Payment, attempt: Attempt, seen: Seen) -> Settlement:
    """Money is booked and its absence noted; what follows of it, a person decides (`domain/review.py`)."""
    if attempt.captured_cents:
        return Settlement(attempt=attempt)
    if seen.status == "closed":
        return Settlement(attempt=_as(attempt, "closed"))
    if seen.status != "paid" or _difference(payment, seen) not in (None, "amount_differs"):
        return Settlement(attempt=attempt)
    counted = msgspec.structs.replace(attempt, captured_cents=seen.amount.amount_cents)
    if payment.state == "review":
        return Settlement(attempt=counted, is_captured=True)
    return Settlement(attempt=_as(counted, "paid"), is_captured=True, refund=_stray_reason(payment))


def _to_review(payment: Payment, attempt: Attempt, cause: str) -> Settlement:
    triggers = () if payment.state == "review" else (Trigger.REVIEW,)
    return Settlement(attempt=_as(attempt, "review"), triggers=triggers, review_cause=cause)


def _as(attempt: Attempt, state: AttemptState) -> Attempt:
    return msgspec.structs.replace(attempt, state=state)


def _on_paid(payment: Payment, attempt: Attempt, seen: Seen) -> Settlement:
    if attempt.state == "paid":
        return Settlement(attempt=attempt)
    paid = msgspec.structs.replace(attempt, state="paid", captured_cents=seen.amount.amount_cents)
    if payment.state in ("pending", "expiring") and payment.capture == "automatic":
        refund: StrayReason | None = "late" if payment.cancel_requested_at else None
        return Settlement(attempt=paid, triggers=(Trigger.PAY,), is_settling=True, is_captured=True, refund=refund)
    if payment.state == "capturing" and payment.settled_attempt_id == attempt.id:
        return Settlement(attempt=paid, triggers=(Trigger.CAPTURE_DONE,), is_captured=True)
    if payment.state == "review":
        return Settlement(attempt=paid, is_captured=True)
    if payment.state in ("pending", "expiring") or payment.settled_attempt_id == attempt.id:
        # Reserved was what we asked for; somebody else took the money, perhaps by hand at the provider.
        return Settlement(attempt=paid, triggers=(Trigger.REVIEW,), review_cause="captured_elsewhere", is_captured=True)
    return Settlement(attempt=paid, is_captured=True, refund=_stray_reason(payment))


def _stray_reason(payment: Payment) -> StrayReason:
    return "duplicate" if payment.state in ("authorised", "capturing", "paid") else "late"


def _on_authorised(payment: Payment, attempt: Attempt) -> Settlement:
    if attempt.state not in ("open", "closing", "authorising", "closed", "failed"):
        return Settlement(attempt=attempt)
    if payment.state in ("pending", "expiring") and payment.capture == "automatic":
        return _to_review(payment, attempt, "authorised_unasked")
    if payment.state in ("pending", "expiring") and payment.cancel_requested_at:
        triggers = (Trigger.AUTHORISE, Trigger.VOID)
        return Settlement(attempt=_as(attempt, "voiding"), triggers=triggers, is_settling=True)
    if payment.state in ("pending", "expiring"):
        return Settlement(attempt=_as(attempt, "authorised"), triggers=(Trigger.AUTHORISE,), is_settling=True)
    return Settlement(attempt=_as(attempt, "voiding"))  # another attempt counts, or none any more


def _on_approved(payment: Payment, attempt: Attempt) -> Settlement:
    """The citizen agreed and nothing is reserved yet: reserving is only for a payment that still wants the money."""
    if attempt.state == "open" and payment.is_open:
        return Settlement(attempt=_as(attempt, "authorising"))
    return Settlement(attempt=attempt)


def _on_open(payment: Payment, attempt: Attempt) -> Settlement:
    if attempt.state not in ("opening", "open", "authorising"):
        return Settlement(attempt=attempt)
    return Settlement(attempt=_as(attempt, "open" if payment.is_open else "closing"))


def _on_closed(payment: Payment, attempt: Attempt) -> Settlement:
    counts = payment.settled_attempt_id == attempt.id
    match attempt.state:
        case "opening":
            return _without_session(payment, _as(attempt, "failed"))
        case "open" | "closing" | "authorising":
            return _without_session(payment, _as(attempt, "closed"))
        case "voiding":
            triggers = (Trigger.VOID_DONE,) if counts and payment.state == "voiding" else ()
            return Settlement(attempt=_as(attempt, "voided"), triggers=triggers)
        case "authorised" if counts and payment.state == "authorised":
            return Settlement(attempt=_as(attempt, "closed"), triggers=(Trigger.LAPSE,))
        case "authorised" if counts and payment.state == "capturing":
            return Settlement(attempt=_as(attempt, "failed"), triggers=(Trigger.CAPTURE_REFUSED,))
        case _:
            return Settlement(attempt=attempt)


def _without_session(payment: Payment, attempt: Attempt) -> Settlement:
    if payment.state == "expiring":
        return Settlement(attempt=attempt, triggers=(Trigger.CLOSE_DONE,))
    if payment.is_closing:
        return Settlement(attempt=attempt, triggers=(Trigger.CANCEL,))
    return Settlement(attempt=attempt)
