"""Mass cancellation: a location, a unit or the whole tenant is closed for a day or a part, and all who would come are
offered another time or stand on the call list, in one step. Nobody takes over: colleagues are closed as well.
"""

from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from booking.domain.appointment import By
from booking.domain.catalogue import Catalogue
from booking.domain.closing import Closing, close_counters, close_location, require_sensible
from booking.domain.errors import NotFound
from booking.store.absences import Absence, insert_absence, is_away_throughout, list_clerks_of_unit
from booking.store.displaced import Span
from booking.store.lanes import list_counters_of_unit
from booking.store.masks import list_masks
from booking.usecases.change_rules import Author, change_rules
from booking.usecases.once import Once
from booking.usecases.rebuild_masks import rebuild_lanes
from booking.usecases.release_overdue import release_overdue
from booking.usecases.replan import (
    PlanView,
    apply_measures,
    apply_once,
    draft,
    lock_displaced,
    plan_locked,
    show_plan,
)
from kit.clock import Clock
from kit.ids import uuid7
from kit.sql import Connection, Pool


class _Office(NamedTuple):
    """What is closed. Lanes of a location or tenant are closed by a closure; a unit's one by one."""

    lane_ids: tuple[int, ...]
    clerk_ids: tuple[UUID, ...] = ()
    counter_ids: tuple[int, ...] = ()


async def plan_closing(pool: Pool, catalogue: Catalogue, clock: Clock, closing: Closing) -> PlanView:
    """What `close_office` would do. Raises Invalid, NotFound."""
    zone, now = ZoneInfo(catalogue.time_zone), clock()
    require_sensible(closing, zone, now)
    await release_overdue(pool, catalogue.tenant, now)
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        office = await _office(connection, catalogue, closing)
        measures = await draft(connection, catalogue, _span(closing, office, clock, zone), None, now)
    return show_plan(catalogue, measures, None)


async def close_office(
    pool: Pool, catalogue: Catalogue, clock: Clock, closing: Closing, plan: str | None, by: By, once: Once
) -> PlanView:
    """`plan`: of the look before, if any. Raises Invalid, NotFound, PlanStale, Conflict."""
    require_sensible(closing, ZoneInfo(catalogue.time_zone), clock())
    await release_overdue(pool, catalogue.tenant, clock())
    return await apply_once(pool, once, lambda connection: _close(connection, catalogue, clock, closing, plan, by))


async def _close(
    connection: Connection, catalogue: Catalogue, clock: Clock, closing: Closing, plan: str | None, by: By
) -> PlanView:
    now = clock()
    office = await _office(connection, catalogue, closing)
    span = _span(closing, office, clock, ZoneInfo(catalogue.time_zone))
    visits = await lock_displaced(connection, catalogue, span, None, now)
    if closing.unit_id:
        await _close_unit(connection, catalogue, clock, closing, office, by)
    else:
        author = Author(f"staff:{by.subject}", closing.reason[:500])
        await change_rules(connection, catalogue.tenant, close_location(closing), author, now)
    measures = await plan_locked(connection, catalogue, span, None, visits, plan, now)
    await apply_measures(connection, catalogue.tenant, visits, measures, closing.reason, clock, by)
    return show_plan(catalogue, measures, None)


async def _close_unit(
    connection: Connection, catalogue: Catalogue, clock: Clock, closing: Closing, office: _Office, by: By
) -> None:
    """Its clerks are away, wherever they serve; its counters keep what hours are left of the day."""
    tenant, day, now = catalogue.tenant, closing.day, clock()
    starts_at, ends_at = closing.instants(ZoneInfo(catalogue.time_zone))
    for clerk_id in office.clerk_ids:
        if not await is_away_throughout(connection, clerk_id, starts_at, ends_at):
            absence = Absence(
                id=uuid7(),
                clerk_id=clerk_id,
                clerk="",
                starts_at=starts_at,
                ends_at=ends_at,
                created_by=by.subject or by.actor,
                ended_at=None,
            )
            await insert_absence(connection, tenant, absence, now)
    if office.counter_ids:
        found = await list_masks(connection, office.counter_ids, day, day)
        masks = {lane_id: mask for (lane_id, _), mask in found.items()}
        places = {lane_id: catalogue.lanes[lane_id].location_id for lane_id in masks}
        author = Author(f"staff:{by.subject}", closing.reason[:500])
        await change_rules(connection, tenant, close_counters(closing, masks, places), author, now)
    await rebuild_lanes(connection, tenant, office.lane_ids, day, day, now)


async def _office(connection: Connection, catalogue: Catalogue, closing: Closing) -> _Office:
    """Raises NotFound."""
    lanes = catalogue.lanes.values()
    if closing.unit_id:
        if closing.unit_id not in catalogue.units:
            raise NotFound("There is no such unit.")
        clerks = await list_clerks_of_unit(connection, catalogue.tenant, closing.unit_id)
        counters = await list_counters_of_unit(connection, catalogue.tenant, closing.unit_id)
        of_clerks = [lane_id for clerk in clerks for lane_id in clerk.lane_ids]
        return _Office((*of_clerks, *counters), tuple(clerk.id for clerk in clerks), tuple(counters))
    if closing.location_id and closing.location_id not in catalogue.locations:
        raise NotFound("There is no such location.")
    return _Office(tuple(lane.id for lane in lanes if closing.location_id in (None, lane.location_id)))


def _span(closing: Closing, office: _Office, clock: Clock, zone: ZoneInfo) -> Span:
    starts_at, ends_at = closing.instants(zone)
    return Span(lane_ids=office.lane_ids, unit_id=closing.unit_id, since=max(starts_at, clock()), until=ends_at)
