"""Why is this slot not offered? One look at rules, masks and visits; `domain/explanation.py` says what they mean."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from booking.domain.catalogue import Catalogue, Lane, Location
from booking.domain.explanation import Asks, Case, LaneDay, Rejection, explain, near
from booking.domain.opening_hours import Timetable, absent_from
from booking.domain.slots import local_step
from booking.domain.visit_plan import VisitPlan
from booking.store.conflicts import list_visits
from booking.store.masks import list_masks
from booking.store.rules import read_rules
from booking.usecases.release_overdue import release_overdue
from kit.sql import Connection, Pool


class Explained(NamedTuple):
    lane: Lane
    location: Location
    rejection: Rejection | None


async def explain_slot(
    pool: Pool, catalogue: Catalogue, plans: Sequence[VisitPlan], start: datetime, now: datetime, asks: Asks
) -> list[Explained]:
    """Every clerk and counter of the places that `plans` name, those first who might serve it."""
    await release_overdue(pool, catalogue.tenant, now)
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        explained = {}
        for plan in plans:
            for found in await _explain(connection, catalogue, plan, start, now, asks):
                if found.lane.id not in explained or found.lane.id in plan.lane_ids:
                    explained[found.lane.id] = found
    serving = {lane_id for plan in plans for lane_id in plan.lane_ids}
    return sorted(explained.values(), key=lambda each: each.lane.id not in serving)


async def _explain(
    connection: Connection, catalogue: Catalogue, plan: VisitPlan, start: datetime, now: datetime, asks: Asks
) -> list[Explained]:
    start = near(start, now)
    day, _ = local_step(start, ZoneInfo(plan.location.time_zone))
    lane_days = await _lane_days(connection, catalogue, plan.location, day, now)
    by_lane = {each.lane.id: each for each in lane_days}
    resources = [[by_lane[lane_id] for lane_id in lane_ids] for lane_ids in plan.resources]
    clerk_is_there = any(by_lane[lane_id].open for lane_id in plan.stands_in_for if lane_id in by_lane)
    cases = [
        Case(catalogue, plan, start, now, asks, each, resources, clerk_is_there)
        for each in lane_days
        if each.lane.kind != "resource"
    ]
    return [Explained(case.lane_day.lane, plan.location, explain(case)) for case in cases]


async def _lane_days(
    connection: Connection, catalogue: Catalogue, location: Location, day: date, now: datetime
) -> list[LaneDay]:
    zone = ZoneInfo(location.time_zone)
    lanes = [lane for lane in catalogue.lanes.values() if lane.location_id == location.id]
    lane_ids = [lane.id for lane in lanes]
    midnight = datetime.combine(day, datetime.min.time(), zone)
    since, until = midnight, midnight + timedelta(days=1)
    rules = await read_rules(connection, catalogue.tenant, since, until)
    masks = await list_masks(connection, lane_ids, day, day)
    visits = await list_visits(connection, lane_ids, since, until)
    timetable = Timetable(rules.rule_set)
    return [
        LaneDay(
            lane=lane,
            rules=timetable.of(lane.id, location.id, location.time_zone).day(day),
            absent=absent_from(rules.absences, lane.id, day, zone),
            mask=masks.get((lane.id, day)),
            visits=[visit for visit in visits if visit.lane_id == lane.id and visit.stands(now)],
        )
        for lane in lanes
    ]
