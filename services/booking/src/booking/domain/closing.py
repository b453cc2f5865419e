"""Closing an office for a day or a part of one: a location, a unit, or the whole tenant. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.errors import Invalid
from booking.domain.projection import Mask
from booking.domain.rule_edits import RuleEdit, put_exception
from booking.domain.rule_set import Audience, Closure, Hours, RuleSet, ScheduleException
from booking.domain.slots import STEP_MIN, STEPS, Span, instant_of, set_steps, span_bits, step_of_time


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """Of a location or a unit; of everything where neither is named. Wall times."""

    location_id: UUID | None = None
    unit_id: UUID | None = None
    day: date
    closed_from: time = time.min
    closed_to: time | None = None
    """Null: the end of the day."""
    reason: str
    """In words for the citizens."""

    @property
    def span(self) -> Span:
        return Span(step_of_time(self.closed_from), STEPS if self.closed_to is None else step_of_time(self.closed_to))

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        return instant_of(self.day, self.span.first, zone), instant_of(self.day, self.span.last, zone)


def require_sensible(closing: Closing, zone: ZoneInfo, now: datetime) -> None:
    """Raises Invalid."""
    if closing.location_id and closing.unit_id:
        raise Invalid.field("unit_id", "a location or a unit, not both")
    if closing.span.last <= closing.span.first:
        raise Invalid.field("closed_to", "expected a time after closed_from")
    if not date.min + timedelta(days=2) < closing.day < date.max - timedelta(days=2):
        raise Invalid.field("day", "expected a day of this century")
    if closing.instants(zone)[1] <= now:
        raise Invalid.field("day", "this time is past")


def close_location(closing: Closing) -> RuleEdit:
    """The location, or everything. One that is closed then already stays so."""

    def edit(rules: RuleSet) -> RuleSet:
        closure = Closure(
            location_id=closing.location_id,
            day=closing.day,
            closed_from=closing.closed_from,
            closed_to=closing.closed_to,
            reason=closing.reason,
        )
        known = {msgspec.structs.replace(each, id=None) for each in rules.closures}
        return rules if closure in known else msgspec.structs.replace(rules, closures=(*rules.closures, closure))

    return edit


def close_counters(closing: Closing, masks: Mapping[int, Mask], location_ids: Mapping[int, UUID]) -> RuleEdit:
    """Counters by lane, which are nobody's own: they keep the hours of that day that the closing leaves."""

    def edit(rules: RuleSet) -> RuleSet:
        for lane_id, mask in masks.items():
            rules = put_exception(
                ScheduleException(
                    location_id=location_ids[lane_id],
                    lane_id=lane_id,
                    day=closing.day,
                    hours=_hours_left(mask, span_bits(closing.span)),
                    reason=closing.reason,
                )
            )(rules)
        return rules

    return edit


def _hours_left(mask: Mask, closed: int) -> tuple[Hours, ...]:
    public, internal = mask.open & mask.public & ~closed, mask.open & ~mask.public & ~closed
    return (*_hours(public, "public"), *_hours(internal, "internal"))


def _hours(bits: int, audience: Audience) -> list[Hours]:
    """Each run of steps as a span of wall time."""
    steps = set(set_steps(bits))
    firsts = sorted(step for step in steps if step - 1 not in steps)
    lasts = sorted(step + 1 for step in steps if step + 1 not in steps)
    return [Hours(_time(first), _time(last), audience) for first, last in zip(firsts, lasts, strict=True)]


def _time(step: int) -> time:
    return time.min if step == STEPS else time(step // 12, step % 12 * STEP_MIN)
