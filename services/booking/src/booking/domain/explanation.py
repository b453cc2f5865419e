"""Why is this slot not offered? For a start and a visit, the first rule that rejects it on each lane. Pure.

The checks stand in `CHECKS`, in the order in which booking applies them; each answers with a code and what fills its
text (`locale/*.toml`, `why_not.*`). A new rule of booking gets its check there.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from booking.domain.catalogue import Catalogue, Lane
from booking.domain.conflicts import StandingVisit
from booking.domain.holidays import Words
from booking.domain.opening_hours import DayRules
from booking.domain.projection import Mask
from booking.domain.slots import (
    STEP_MIN,
    STEPS,
    Place,
    Span,
    clock_time,
    from_step,
    grid,
    instant_of,
    local_step,
    place_of,
    span_bits,
    spans_of,
    starts_on_step,
)
from booking.domain.times import AHEAD_DAYS_MAX, last_day, occupied_place, released_steps
from booking.domain.visit_plan import VisitPlan

Code = Literal[
    "past",
    "grid",
    "notice",
    "window",
    "not_released",
    "midnight",
    "skill_missing",
    "too_many_items",
    "not_responsible",
    "stand_in",
    "no_hours",
    "opening_hours",
    "exception",
    "holiday",
    "custom",
    "closure",
    "clock_change",
    "absence",
    "break",
    "closing",
    "internal_only",
    "taken",
    "resource_taken",
    "mask_wrong",
]
Value: TypeAlias = str | int | date | Words


class Rejection(NamedTuple):
    code: Code
    values: Mapping[str, Value] = {}


class LaneDay(NamedTuple):
    """One lane on the day of the start."""

    lane: Lane
    rules: DayRules
    absent: int
    mask: Mask | None
    visits: Sequence[StandingVisit]

    @property
    def open(self) -> int:
        return self.rules.open & ~self.absent


class Asks(NamedTuple):
    """The rights of whoever asks."""

    is_public: bool = True
    any_time: bool = False
    """As the staff may, without notice, window and start step."""


class Case(NamedTuple):
    catalogue: Catalogue
    plan: VisitPlan
    start: datetime
    now: datetime
    asks: Asks
    lane_day: LaneDay
    resources: Sequence[Sequence[LaneDay]]
    """For each group of resources that the visit needs one of, its lanes."""
    clerk_is_there: bool
    """The clerk whom this plan's lanes would stand in for."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.plan.location.time_zone)

    @property
    def place(self) -> Place:
        return occupied_place(self.plan, self.start)


def near(start: datetime, now: datetime) -> datetime:
    """`start`, or the end of what could ever be asked for: the years 1 and 9999 have ends of their own."""
    return max(now - timedelta(days=2), min(start, now + timedelta(days=AHEAD_DAYS_MAX + 2)))


def explain(case: Case) -> Rejection | None:
    """Null where the lane is offered at that time."""
    return next((rejection for check in CHECKS if (rejection := check(case))), None)


# --- the time itself -----------------------------------------------------------------------------------------------


def _past(case: Case) -> Rejection | None:
    running = timedelta(minutes=STEP_MIN if case.asks.any_time else 0)
    return Rejection("past") if case.start + running < case.now else None


def _window(case: Case) -> Rejection | None:
    until = last_day(case.plan, case.now)
    is_far = not case.asks.any_time and local_step(case.start, case.zone)[0] > until
    return Rejection("window", {"days": case.plan.window_days, "day": until}) if is_far else None


def _grid(case: Case) -> Rejection | None:
    _, step = local_step(case.start, case.zone)
    minutes = STEP_MIN if case.asks.any_time else case.plan.step_min
    fits = starts_on_step(case.start) and grid(minutes) & span_bits(Span(step, step + 1))
    return None if fits else Rejection("grid", {"minutes": minutes})


def _release(case: Case) -> Rejection | None:
    day, step = local_step(case.start, case.zone)
    if (
        case.asks.any_time
        or day < last_day(case.plan, case.now)
        or released_steps(case.plan, case.now) & span_bits(Span(step, step + 1))
    ):
        return None
    return Rejection("not_released", {"clock": clock_time(step)})


def _notice(case: Case) -> Rejection | None:
    is_late = not case.asks.any_time and case.start < case.now + timedelta(minutes=case.plan.notice_min)
    return Rejection("notice", {"minutes": case.plan.notice_min}) if is_late else None


def _midnight(case: Case) -> Rejection | None:
    day, _ = local_step(case.start, case.zone)
    end = case.start + timedelta(minutes=case.plan.occupied_min)
    return Rejection("midnight") if end > instant_of(day, STEPS, case.zone) else None


# --- who ------------------------------------------------------------------------------------------------------------


def _skill(case: Case) -> Rejection | None:
    lane_id = case.lane_day.lane.id
    if lane_id in case.plan.lane_ids:
        return None
    missing = [item.service.name for item in case.plan.items if not _serves(case, lane_id, item.service.id)]
    if missing:
        return Rejection("skill_missing", {"services": ", ".join(missing)})
    pieces, pieces_max = sum(item.quantity for item in case.plan.items), case.catalogue.items_max.get(lane_id)
    if pieces_max is not None and pieces > pieces_max:
        return Rejection("too_many_items", {"max": pieces_max})
    return Rejection("not_responsible")


def _serves(case: Case, lane_id: int, service_id: UUID) -> bool:
    offerings = case.catalogue.offerings[service_id]
    return any(lane_id in offering.lane_ids for offering in offerings if offering.location_id == case.plan.location.id)


def _stand_in(case: Case) -> Rejection | None:
    return Rejection("stand_in") if case.plan.stands_in_for and case.clerk_is_there else None


# --- open, free -----------------------------------------------------------------------------------------------------


def _closed(case: Case) -> Rejection | None:
    return _why_closed(case.lane_day, case.place.bits)


def _why_closed(lane_day: LaneDay, wanted: int) -> Rejection | None:
    closed = wanted & ~lane_day.open
    if not closed:
        return None
    bit = 1 << (closed.bit_length() - 1)
    if bit & lane_day.rules.open:
        return Rejection("absence")
    cause, words = lane_day.rules.why_closed(bit)
    if cause in ("opening_hours", "exception"):
        return _outside_hours(lane_day, wanted, bit, words)
    return Rejection(cause, {"reason": words})


def _outside_hours(lane_day: LaneDay, wanted: int, bit: int, exception: Words) -> Rejection:
    """Before it opens or after it closes; or it opens in time, and closes while the visit lasts."""
    opened = lane_day.rules.opened
    step = STEPS - bit.bit_length()
    if bit.bit_length() < wanted.bit_length():
        later = next(spans_of(opened & from_step(step)), None)
        if later:
            return Rejection("break", {"start": clock_time(step), "end": clock_time(later.first)})
        return Rejection("closing", {"clock": clock_time(step)})
    if exception.de:
        return Rejection("exception", {"hours": _hours(opened), "reason": exception})
    return Rejection("opening_hours", {"hours": _hours(opened)}) if opened else Rejection("no_hours")


def _hours(bits: int) -> str:
    return ", ".join(f"{clock_time(span.first)}–{clock_time(span.last)}" for span in spans_of(bits)) or "–"


def _internal(case: Case) -> Rejection | None:
    is_internal = case.asks.is_public and case.place.bits & ~case.lane_day.rules.public
    return Rejection("internal_only") if is_internal else None


def _taken(case: Case) -> Rejection | None:
    return _why_taken(case.lane_day, case.place.bits, case.zone)


def _why_taken(lane_day: LaneDay, wanted: int, zone: ZoneInfo) -> Rejection | None:
    for visit in lane_day.visits:
        bits = place_of(visit.starts_at, visit.occupied_until, zone).bits
        if bits & wanted:
            (span,) = spans_of(bits)
            values = {"number": visit.number, "start": clock_time(span.first), "end": clock_time(span.last)}
            return Rejection("taken", values)
    return None


def _resource(case: Case) -> Rejection | None:
    for lane_days in case.resources:
        if all(_is_engaged(lane_day, case) for lane_day in lane_days):
            return Rejection("resource_taken", {"group": lane_days[0].lane.resource_group or ""})
    return None


def _is_engaged(lane_day: LaneDay, case: Case) -> bool:
    wanted = case.place.bits
    return bool(_why_closed(lane_day, wanted) or _why_taken(lane_day, wanted, case.zone))


def _mask(case: Case) -> Rejection | None:
    """Nothing rejects it, and it is not offered all the same: the checker will find it, too."""
    mask = case.lane_day.mask
    return None if mask and not case.place.bits & ~mask.free else Rejection("mask_wrong")


CHECKS: Sequence[Callable[[Case], Rejection | None]] = (
    _past,
    _window,
    _grid,
    _release,
    _notice,
    _midnight,
    _skill,
    _stand_in,
    _closed,
    _internal,
    _taken,
    _resource,
    _mask,
)
