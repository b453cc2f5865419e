"""What a change of rules does: to the hours of days, to visits that stand, to the earliest time of a service. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.catalogue import Catalogue, Service
from booking.domain.conflicts import Stranded
from booking.domain.errors import Invalid
from booking.domain.opening_hours import Cause
from booking.domain.projection import Mask, MaskKey
from booking.domain.slots import STEP_MIN, instant_of, run_starts, set_steps
from booking.domain.times import first_start, last_day, startable
from booking.domain.visit_plan import RequestedItem, VisitPlan, plan_visit


class DayChange(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes are summed over the lanes."""

    date: date
    lanes: int
    """How many have other hours than before."""
    opened_min: int
    closed_min: int
    opened_to_public_min: int
    closed_to_public_min: int


class FoundConflict(msgspec.Struct, frozen=True, kw_only=True):
    appointment_id: UUID
    number: str
    lane_id: int
    start: datetime
    end: datetime
    cause: Cause
    detail: str


class Earliest(msgspec.Struct, frozen=True, kw_only=True):
    service_id: UUID
    service: str
    before: datetime | None
    after: datetime | None


class RuleEffect(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    """Of the rule set, with the change."""
    dry_run: bool
    days: list[DayChange]
    """Those with other hours than before."""
    conflicts: list[FoundConflict]
    """Visits that stand where it is no longer open. They keep standing."""
    resolved_count: int
    """Conflicts that are none any more."""
    earliest: list[Earliest] | None = None
    """For a dry run: the earliest time that the public can book, for each service for which it changes."""


def day_changes(before: Mapping[MaskKey, Mask], after: Mapping[MaskKey, Mask]) -> list[DayChange]:
    by_day: defaultdict[date, list[tuple[Mask, Mask]]] = defaultdict(list)
    for key, mask in after.items():
        was = before.get(key, Mask(0, 0, 0))
        if (was.open, was.public) != (mask.open, mask.public):
            by_day[key[1]].append((was, mask))
    return [
        DayChange(
            date=day,
            lanes=len(pairs),
            opened_min=_minutes(now.open & ~was.open for was, now in pairs),
            closed_min=_minutes(was.open & ~now.open for was, now in pairs),
            opened_to_public_min=_minutes(now.public & ~was.public for was, now in pairs),
            closed_to_public_min=_minutes(was.public & ~now.public for was, now in pairs),
        )
        for day, pairs in sorted(by_day.items())
    ]


def _minutes(masks: Iterable[int]) -> int:
    return STEP_MIN * sum(mask.bit_count() for mask in masks)


def found_conflicts(stranded: Iterable[Stranded]) -> list[FoundConflict]:
    return [
        FoundConflict(
            appointment_id=item.visit.appointment_id,
            number=item.visit.number,
            lane_id=item.visit.lane_id,
            start=item.visit.starts_at,
            end=item.visit.ends_at,
            cause=item.cause,
            detail=item.detail,
        )
        for item in stranded
    ]


def earliest_changes(
    catalogue: Catalogue, before: Mapping[MaskKey, Mask], after: Mapping[MaskKey, Mask], now: datetime
) -> list[Earliest]:
    """Of each service that can be booked, for one person; those for which nothing changes are left out."""
    changes = []
    for service in catalogue.services.values():
        plans = _plans(catalogue, service)
        was, will_be = (_earliest(plans, masks, now) for masks in (before, after))
        if was != will_be:
            changes.append(Earliest(service_id=service.id, service=service.name, before=was, after=will_be))
    return changes


def _plans(catalogue: Catalogue, service: Service) -> list[VisitPlan]:
    if service.kind in ("online", "surcharge") or service.id not in catalogue.offerings:
        return []
    try:
        return plan_visit(catalogue, [RequestedItem(service.id)], channel=service.channels[0])
    except Invalid:  # a room or device that it needs is nowhere: nobody can book it, whatever the rules say
        return []


def _earliest(plans: Sequence[VisitPlan], masks: Mapping[MaskKey, Mask], now: datetime) -> datetime | None:
    return min((start for plan in plans if (start := _first_free(plan, masks, now))), default=None)


def _first_free(plan: VisitPlan, masks: Mapping[MaskKey, Mask], now: datetime) -> datetime | None:
    may_start = startable(plan, now)
    day, until = first_start(plan, now)[0], last_day(plan, now)
    while day <= until:
        starts = may_start(day)
        for lane_ids in plan.lane_groups:
            starts &= _starts(masks, lane_ids, day, plan.occupied_steps)
        for step in set_steps(starts):
            return instant_of(day, step, ZoneInfo(plan.location.time_zone))
        day += timedelta(days=1)
    return None


def _starts(masks: Mapping[MaskKey, Mask], lane_ids: Iterable[int], day: date, length: int) -> int:
    """The steps at which the public finds one of these lanes free for long enough."""
    found = [masks[lane_id, day] for lane_id in lane_ids if (lane_id, day) in masks]
    return reduce(or_, (run_starts(mask.free & mask.public, length) for mask in found), 0)
