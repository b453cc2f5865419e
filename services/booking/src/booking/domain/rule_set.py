"""A tenant's rule set: when its lanes are open, in local wall time. Pure.

What holds on a day, and what goes before what, is told in domain/opening_hours.py.
"""

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Literal, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

import msgspec

from booking.domain.holidays import ClosingCustom, Region
from booking.domain.recurrence import Nth, is_in_phase, is_nth_of_month

Audience = Literal["public", "internal"]
"""Internal hours are open to the staff's own bookings alone."""
SchoolHolidays = Literal["always", "only_in_school_holidays", "not_in_school_holidays"]


class OpeningRule(msgspec.Struct, frozen=True):
    """One span on one weekday. One that ends before it begins goes on after midnight, and belongs to its first day."""

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
    every_weeks: int = 1
    anchor: date | None = None
    """Any day of a week in which it holds; set where it does not hold every week."""
    nth: Nth | None = None
    """Only the nth of its weekday in the month; -1 is the last."""
    school_holidays: SchoolHolidays = "always"
    audience: Audience = "public"
    id: UUID | None = None
    """Null for one that is not written down yet."""

    def returns_on(self, day: date) -> bool:
        """Whether it holds on `day`, but for the school holidays."""
        return (
            self.weekday == day.isoweekday()
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day < self.valid_until)
            and (self.nth is None or is_nth_of_month(day, self.nth))
            and (self.anchor is None or is_in_phase(day, self.every_weeks, self.anchor))
        )


class Hours(msgspec.Struct, frozen=True):
    """A span of a certain day; it may go on after midnight as a rule's."""

    opens: time
    closes: time | None
    audience: Audience = "public"


class ScheduleException(msgspec.Struct, frozen=True):
    """Other hours on a certain day: they replace the rules of that day. No hours: closed."""

    location_id: UUID
    lane_id: int | None
    """Null: for all lanes of the location, also those with rules of their own."""
    day: date
    hours: tuple[Hours, ...]
    reason: str = ""
    id: UUID | None = None


class Closure(msgspec.Struct, frozen=True):
    """Closed days or parts of them (Schließung)."""

    location_id: UUID | None
    """Null: the whole tenant."""
    day: date
    closed_from: time = time.min
    closed_to: time | None = None
    """Null: the end of the day."""
    reason: str = ""
    last_day: date | None = None
    """Null: `day` alone."""
    id: UUID | None = None

    def days(self) -> Iterator[date]:
        for offset in range(((self.last_day or self.day) - self.day).days + 1):
            yield self.day + timedelta(days=offset)


class RuleSet(msgspec.Struct, frozen=True, kw_only=True):
    region: Region | None = None
    """Whose public and school holidays hold."""
    opening: tuple[OpeningRule, ...] = ()
    exceptions: tuple[ScheduleException, ...] = ()
    closures: tuple[Closure, ...] = ()
    customs: tuple[ClosingCustom, ...] = ()


Rule: TypeAlias = OpeningRule | ScheduleException | Closure | ClosingCustom
R = TypeVar("R", OpeningRule, ScheduleException, Closure, ClosingCustom)


class Change(NamedTuple):
    """What one version has and the one before had not, and the other way round."""

    added: tuple[Rule, ...]
    removed: tuple[Rule, ...]


def difference(before: RuleSet, after: RuleSet) -> Change:
    """By what the rules say: an equal rule that was taken out and put in again is no change."""
    old, new = ({content_of(rule): rule for rule in _all(rules)} for rules in (before, after))
    return Change(
        tuple(rule for content, rule in new.items() if content not in old),
        tuple(rule for content, rule in old.items() if content not in new),
    )


def _all(rules: RuleSet) -> tuple[Rule, ...]:
    return (*rules.opening, *rules.exceptions, *rules.closures, *rules.customs)


def content_of(rule: Rule) -> Rule:
    """Without its id."""
    return msgspec.structs.replace(rule, id=None)


def bring_file(current: RuleSet, before: RuleSet, now: RuleSet) -> RuleSet:
    """What the files changed since they were last read, and nothing else: what the staff changed meanwhile stands.

    The hours of a location or lane are one thing: where the file changed them, they are the file's again.
    """
    changed = {_owner(rule) for side in difference(before, now) for rule in side if isinstance(rule, OpeningRule)}
    return msgspec.structs.replace(
        current,
        opening=(
            *(rule for rule in current.opening if _owner(rule) not in changed),
            *(rule for rule in now.opening if _owner(rule) in changed),
        ),
        exceptions=_merge(current.exceptions, before.exceptions, now.exceptions),
        closures=_merge(current.closures, before.closures, now.closures),
        customs=_merge(current.customs, before.customs, now.customs),
    )


def _owner(rule: OpeningRule) -> tuple[UUID, int | None]:
    return rule.location_id, rule.lane_id


def _merge(current: tuple[R, ...], before: tuple[R, ...], now: tuple[R, ...]) -> tuple[R, ...]:
    gone = {content_of(rule) for rule in before} - {content_of(rule) for rule in now}
    known = {content_of(rule) for rule in current} | {content_of(rule) for rule in before}
    kept = [rule for rule in current if content_of(rule) not in gone]
    added = [rule for rule in now if content_of(rule) not in known]
    return tuple(kept + added)
