"""What of a decision is counted. A fact names nobody: neither the person nor the appointment. Pure."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from booking.domain.appointment import WITH_DEADLINE, Appointment, Decision

FactMeasure = Literal[
    "bookings",  # became binding: confirmed for the first time
    "abandoned",  # reservations that lapsed or were given back before that
    "moves",
    "item_changes",
    "cancellations",
    "recovered",  # freed slots that were taken through the waitlist
    "completed",
    "no_shows",
    "payments",
    "refunds",
]


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    measure: FactMeasure
    count: int = 1
    """-1: an earlier fact was a mistake, or holds no longer."""
    amount_cents: int = 0
    category: str = ""
    """Who did it, or how it was paid."""


RECOVERED = Fact(measure="recovered")
"""No decision says so by itself: to its citizen an earlier time is a move like any other."""

_UNBOUND = WITH_DEADLINE | {"expired"}


def facts_of(decision: Decision) -> list[Fact]:
    """None for a slot that the clock holds for the waitlist: it is nobody's."""
    before, after = decision.before, decision.after
    if after.booked_via == "waitlist":
        return []
    return [
        *_of_booking(before, after),
        *_of_change(decision),
        *_turned("completed", was=before.state == "completed", is_=after.state == "completed"),
        *_turned("no_shows", was=before.state == "no_show", is_=after.state == "no_show"),
        *_of_money(before, after),
    ]


def _of_booking(before: Appointment, after: Appointment) -> Iterator[Fact]:
    """What lapsed may still be taken up again, by its citizen or by a late payment."""
    if after.state == "confirmed" and before.state in _UNBOUND:
        yield Fact(measure="bookings")
    was_given_back = before.state in WITH_DEADLINE and after.state.startswith("cancelled")
    yield from _turned("abandoned", was=before.state == "expired", is_=after.state == "expired" or was_given_back)


def _of_change(decision: Decision) -> Iterator[Fact]:
    """Of what was booked. A visit for which the office offers another time is cancelled only when none is taken."""
    if decision.before.state in _UNBOUND:
        return
    match decision.action:
        case "move" | "rebook":
            yield Fact(measure="moves", category=decision.actor)
        case "change_items":
            yield Fact(measure="item_changes", category=decision.actor)
        case "cancel":
            yield Fact(measure="cancellations", category=decision.actor)
        case "cancel_by_office" | "decline_rebooking":
            yield Fact(measure="cancellations", category="office")
        case _:
            pass


def _of_money(before: Appointment, after: Appointment) -> Iterator[Fact]:
    yield from _paid("online", before.paid_cents, after.paid_cents)
    yield from _paid("counter", before.counter_paid_cents or 0, after.counter_paid_cents or 0)
    if after.refunded_cents != before.refunded_cents:
        yield Fact(measure="refunds", amount_cents=after.refunded_cents - before.refunded_cents)


def _paid(method: str, before_cents: int, after_cents: int) -> Iterator[Fact]:
    """One payment, however often its amount is corrected."""
    if after_cents != before_cents:
        count = (after_cents > 0) - (before_cents > 0)
        yield Fact(measure="payments", count=count, amount_cents=after_cents - before_cents, category=method)


def _turned(measure: FactMeasure, *, was: bool, is_: bool) -> Iterator[Fact]:
    if was != is_:
        yield Fact(measure=measure, count=is_ - was)
