"""A clerk is absent, from this minute if need be: the time is closed and its visits are taken care of, in one step.

A second absence over the same time tells nobody again: who was given to a colleague, or offered another time, is no
longer there, and who is on the call list stays there once.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from booking.domain.appointment import By
from booking.domain.catalogue import Catalogue
from booking.domain.errors import Conflict, Forbidden, Invalid, NotFound
from booking.store.absences import Absence, ClerkLanes, find_clerk_lanes, insert_absence, is_away_throughout
from booking.store.displaced import Span
from booking.usecases.once import Once
from booking.usecases.rebuild_masks import rebuild_lanes
from booking.usecases.release_overdue import release_overdue
from booking.usecases.replan import (
    PlanView,
    apply_measures,
    apply_once,
    draft,
    local_days,
    lock_displaced,
    plan_locked,
    show_plan,
)
from kit.clock import Clock
from kit.ids import uuid7
from kit.sql import Connection, Pool

LONGEST: Final = timedelta(days=400)


class AbsenceWish(msgspec.Struct, frozen=True, kw_only=True):
    clerk_id: UUID
    starts_at: datetime | None = None
    """Null: now."""
    ends_at: datetime
    note: str = ""
    """To the citizens who are offered another time."""
    plan: str | None = None
    """Of the look before; null: whatever the plan is now."""


async def plan_absence(
    pool: Pool, catalogue: Catalogue, clock: Clock, wish: AbsenceWish, by: By, *, for_others: bool
) -> PlanView:
    """What `begin_absence` would do. Raises Invalid, Forbidden, NotFound."""
    now = clock()
    _require_span(wish, now)
    await release_overdue(pool, catalogue.tenant, now)
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        clerk = await _clerk(connection, catalogue.tenant, wish.clerk_id, by, for_others=for_others)
        measures = await draft(connection, catalogue, _span(clerk, wish, now), clerk.lane_ids, now)
    return show_plan(catalogue, measures, None)


async def begin_absence(
    pool: Pool, catalogue: Catalogue, clock: Clock, wish: AbsenceWish, by: By, once: Once, *, for_others: bool
) -> PlanView:
    """Raises Invalid, Forbidden, NotFound, PlanStale, Conflict."""
    _require_span(wish, clock())
    await release_overdue(pool, catalogue.tenant, clock())

    async def begin(connection: Connection) -> PlanView:
        clerk = await _clerk(connection, catalogue.tenant, wish.clerk_id, by, for_others=for_others)
        return await _begin(connection, catalogue, clock, clerk, wish, by)

    return await apply_once(pool, once, begin)


async def _begin(
    connection: Connection, catalogue: Catalogue, clock: Clock, clerk: ClerkLanes, wish: AbsenceWish, by: By
) -> PlanView:
    now, tenant, away = clock(), catalogue.tenant, clerk.lane_ids
    span, absence = _span(clerk, wish, now), _absence(wish, by, now)
    visits = await lock_displaced(connection, catalogue, span, away, now)
    if await is_away_throughout(connection, clerk.id, absence.starts_at, absence.ends_at):
        raise Conflict("This clerk is absent then already.")
    await insert_absence(connection, tenant, absence, now)
    await rebuild_lanes(connection, tenant, away, *local_days(catalogue, absence.starts_at, absence.ends_at), now)
    measures = await plan_locked(connection, catalogue, span, away, visits, wish.plan, now)
    await apply_measures(connection, tenant, visits, measures, wish.note, clock, by)
    return show_plan(catalogue, measures, absence.id)


async def _clerk(connection: Connection, tenant: str, clerk_id: UUID, by: By, *, for_others: bool) -> ClerkLanes:
    """Raises NotFound, Forbidden."""
    clerk = await find_clerk_lanes(connection, tenant, clerk_id)
    if clerk is None:
        raise NotFound("There is no such clerk.")
    if not for_others and (clerk.subject is None or clerk.subject != by.subject):
        raise Forbidden("Clerks enter absences of their own; those of others need the role lead.")
    return clerk


def _require_span(wish: AbsenceWish, now: datetime) -> None:
    starts_at = wish.starts_at or now
    if wish.ends_at <= max(starts_at, now):
        raise Invalid.field("ends_at", "expected a time after the absence begins, and not past")
    if wish.ends_at - starts_at > LONGEST or wish.ends_at - now > LONGEST:
        raise Invalid.field("ends_at", f"expected at most {LONGEST.days} days from now and from the beginning")


def _span(clerk: ClerkLanes, wish: AbsenceWish, now: datetime) -> Span:
    return Span(lane_ids=clerk.lane_ids, since=max(wish.starts_at or now, now), until=wish.ends_at)


def _absence(wish: AbsenceWish, by: By, now: datetime) -> Absence:
    return Absence(
        id=uuid7(),
        clerk_id=wish.clerk_id,
        clerk="",
        starts_at=wish.starts_at or now,
        ends_at=wish.ends_at,
        created_by=by.subject or by.actor,
        ended_at=None,
    )
