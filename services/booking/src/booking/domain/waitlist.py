"""Coming earlier (Warteliste, Nachrückangebot): what a citizen wishes, and what of a freed slot fits it. Pure.

A freed slot is held by an appointment of the clock's own until it is offered, taken, or free for everybody.
"""

from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.appointment import Appointment, By, Decision, decide
from booking.domain.errors import Invalid
from booking.domain.slots import Span, instant_of, run_starts, set_steps, span_bits
from booking.domain.times import startable
from booking.domain.visit_plan import VisitPlan

CLOCK: Final = By("clock")
OFFER_MIN: Final = timedelta(minutes=10)
"""Less time than this to answer is no offer."""
GRACE: Final = timedelta(minutes=1)
"""A slot outlives its offer by so much, for the worker to offer it on. When the worker is down it is free then."""


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    weekdays: tuple[int, ...] = ()
    """ISO: Monday is 1. None: any."""
    from_time: time | None = None
    to_time: time | None = None
    """The visit lies within; wall time of the place."""
    not_before: date | None = None

    def allow(self, start: datetime, end: datetime) -> bool:
        """Local instants of one day."""
        return (
            (not self.weekdays or start.isoweekday() in self.weekdays)
            and (self.from_time is None or self.from_time <= start.time())
            and (self.to_time is None or end.time() <= self.to_time)
            and (self.not_before is None or self.not_before <= start.date())
        )


def tidy_wishes(wishes: Wishes) -> Wishes:
    """Raises Invalid."""
    if any(not 1 <= day <= 7 for day in wishes.weekdays):
        raise Invalid.field("days", "expected weekdays from 1 (Monday) to 7")
    if wishes.from_time and wishes.to_time and wishes.to_time <= wishes.from_time:
        raise Invalid.field("to_time", "expected a time after from_time")
    return msgspec.structs.replace(wishes, weekdays=tuple(sorted(set(wishes.weekdays))))


class FreedTime(NamedTuple):
    """A freed slot in its lane's day."""

    lane_id: int
    day: date
    bits: int
    usable: int
    """All steps of that day that the public may book, the freed ones among them."""
    beside: tuple[tuple[int, ...], ...] = ()
    """The free steps of each resource, by the groups that the visit needs beside the clerk."""


def find_start(plan: VisitPlan, present: datetime, wishes: Wishes, freed: FreedTime, now: datetime) -> datetime | None:
    """The start that uses most of the freed time, the first among equals; as wished, with the notice, and before the
    visit's present one.
    """
    if freed.lane_id not in plan.lane_ids:
        return None
    zone, steps = ZoneInfo(plan.location.time_zone), plan.occupied_steps
    starts = run_starts(freed.usable, steps) & startable(plan, now + OFFER_MIN)(freed.day)
    for group in freed.beside:
        starts &= reduce(or_, (run_starts(free, steps) for free in group), 0)

    def used(step: int) -> int:
        return (span_bits(Span(step, step + steps)) & freed.bits).bit_count()

    for step in sorted(filter(used, set_steps(starts)), key=used, reverse=True):
        start = instant_of(freed.day, step, zone)
        end = start + timedelta(minutes=plan.duration_min)
        if start < present and wishes.allow(start.astimezone(zone), end.astimezone(zone)):
            return start
    return None


def offer_until(plan: VisitPlan, start: datetime, offer_min: int, now: datetime) -> datetime:
    """The set time, but not into the notice that the office needs before a visit."""
    return min(now + timedelta(minutes=offer_min), start - timedelta(minutes=plan.notice_min))


def hold_for(slot: Appointment, start: datetime, end: datetime, until: datetime, now: datetime) -> Decision:
    """The slot as the visit needs it, for as long as its citizen may think. Raises Conflict."""
    return decide(slot, "extend", "held", now, by=CLOCK, starts_at=start, ends_at=end, expires_at=until + GRACE)


def keep_until(slot: Appointment, public_at: datetime, now: datetime) -> Decision:
    """Nobody wants it; it waits for its moment. Raises Conflict."""
    return decide(slot, "extend", "held", now, by=CLOCK, expires_at=public_at)


def let_go(slot: Appointment, now: datetime) -> Decision:
    """It was taken over, or is free for everybody. Nobody is told: it is nobody's. Raises Conflict."""
    return decide(slot, "expire", "expired", now)


def offer_earlier(appointment: Appointment, now: datetime) -> Decision:
    return decide(appointment, "offer_earlier", "confirmed", now, event="appointment.earlier_offered")
