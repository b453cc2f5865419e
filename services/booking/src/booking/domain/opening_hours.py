"""From rules and closures to the steps of a day that are open. Rules are local wall time; so are the masks."""

from collections.abc import Iterable, Sequence
from datetime import date, time
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.slots import STEPS, Span, changed_bits, span_bits, step_of_time


class OpeningRule(msgspec.Struct, frozen=True):
    location_id: UUID
    lane_id: int | None
    """Null: for all lanes of the location that have no rule of their own."""
    weekday: int
    """ISO: Monday is 1."""
    opens: time
    closes: time | None
    """Null: the end of the day."""
    valid_from: date | None = None
    valid_until: date | None = None
    """The first day on which it no longer holds."""

    def holds_on(self, day: date) -> bool:
        return (
            self.weekday == day.isoweekday()
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day < self.valid_until)
        )


class Closure(msgspec.Struct, frozen=True):
    location_id: UUID | None
    """Null: the whole tenant."""
    day: date
    closed_from: time
    closed_to: time | None
    """Null: the end of the day."""


def rules_of_lane(rules: Iterable[OpeningRule], lane_id: int, location_id: UUID) -> tuple[OpeningRule, ...]:
    """Its own rules, or those of its location where it has none."""
    of_location = tuple(rule for rule in rules if rule.location_id == location_id)
    own = tuple(rule for rule in of_location if rule.lane_id == lane_id)
    return own or tuple(rule for rule in of_location if rule.lane_id is None)


def open_bits(day: date, zone: ZoneInfo, rules: Sequence[OpeningRule], closures: Sequence[Closure]) -> int:
    """The steps of `day` that the rules open and no closure shuts. `closures` are those of the day and the place."""
    bits = 0
    for rule in rules:
        if rule.holds_on(day):
            bits |= span_bits(_span(rule.opens, rule.closes))
    for closure in closures:
        bits &= ~span_bits(_span(closure.closed_from, closure.closed_to))
    return bits & ~changed_bits(day, zone)


def _span(start: time, end: time | None) -> Span:
    return Span(step_of_time(start), STEPS if end is None else step_of_time(end))
