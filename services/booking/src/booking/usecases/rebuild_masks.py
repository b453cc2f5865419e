"""Keeping the masks true to rules, absences and occupation, and the list of conflicts true to the masks.

Whatever changes rules or absences calls `rebuild_lanes` in its own transaction, so nobody ever sees half a change. Only
the masks that the change touches are locked. Order of locks: appointments, the tenant's rules, masks, occupation; so
whoever wants to move visits that a change strands locks their appointments first.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import msgspec

from booking.domain.conflicts import ConflictChanges, Looked, StandingVisit, compare, look_for_stranded
from booking.domain.projection import Mask, MaskKey, Rules, differences, occupy, open_masks
from booking.domain.statistics.closed_day import CATCH_UP_DAYS
from booking.store.catalogue import list_tenants
from booking.store.conflicts import (
    delete_orphans,
    insert_conflicts,
    list_known_conflicts,
    list_visits,
    resolve_conflicts,
    resolve_moved,
)
from booking.store.masks import (
    delete_masks_before,
    find_last_day,
    insert_masks,
    list_masks,
    lock_these_masks,
    longest_window_days,
    update_masks,
)
from booking.store.rules import list_lane_places, lock_rules, read_rules
from kit.clock import Clock
from kit.sql import Connection, Pool

SPARE_DAYS = 3
"""Masks reach this many days past the longest window, so that a worker may be down for a weekend."""


class Scope(NamedTuple):
    """Lanes and days, both ends included, of which masks are looked at."""

    lane_ids: Collection[int]
    first_day: date
    last_day: date

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first_day, time.min, UTC) - timedelta(days=1)

    @property
    def until(self) -> datetime:
        return datetime.combine(self.last_day, time.min, UTC) + timedelta(days=2)


class Rebuilt(NamedTuple):
    before: dict[MaskKey, Mask]
    """The masks that were changed, as they stood; new ones are missing."""
    after: dict[MaskKey, Mask]
    conflicts: ConflictChanges


async def extend_masks(pool: Pool, clock: Clock) -> int:
    """The worker's daily step: masks for the new days of each tenant. Returns how many masks changed."""
    async with pool.acquire() as connection:
        tenants = [profile.slug for profile in await list_tenants(connection)]
    changed = 0
    for tenant in tenants:
        async with pool.acquire() as connection, connection.transaction():
            changed += await rebuild_masks(connection, tenant, clock())
    return changed


async def rebuild_masks(connection: Connection, tenant: str, now: datetime) -> int:
    """All lanes, as far as booking reaches, in the caller's transaction. Returns how many masks changed."""
    await lock_rules(connection, tenant)
    scope = await whole_scope(connection, tenant, now)
    kept_from = scope.first_day - timedelta(days=CATCH_UP_DAYS)  # what was open then is still to be counted
    await delete_masks_before(connection, scope.lane_ids, kept_from)
    await delete_orphans(connection, tenant)
    return len((await rebuild(connection, tenant, scope, now)).after)


async def rebuild_lanes(
    connection: Connection, tenant: str, lane_ids: Collection[int], first_day: date, last_day: date, now: datetime
) -> Rebuilt:
    """Some lanes and days, both ends included, in the caller's transaction. Days beyond the masks' reach are left out:
    they are made true when they come within it.
    """
    await lock_rules(connection, tenant)
    whole = await whole_scope(connection, tenant, now)
    scope = Scope(set(lane_ids) & set(whole.lane_ids), max(first_day, whole.first_day), min(last_day, whole.last_day))
    if not scope.lane_ids or scope.first_day > scope.last_day:
        return Rebuilt({}, {}, ConflictChanges([], []))
    return await rebuild(connection, tenant, scope, now)


async def rebuild(connection: Connection, tenant: str, scope: Scope, now: datetime) -> Rebuilt:
    """The caller has locked the rules (`lock_rules`)."""
    rules = await rules_in(connection, tenant, scope)
    opened = open_masks(rules, scope.first_day, scope.last_day)
    before = await list_masks(connection, *scope)
    expected, _ = await _occupy(connection, rules, opened, scope)
    touched = {(item.lane_id, item.day) for item in differences(expected, before)}
    await lock_these_masks(connection, touched)
    # Whoever held a slot of them before the lock has committed now, so what they took is seen.
    expected, visits = await _occupy(connection, rules, opened, scope)
    after = {key: expected[key] for key in sorted(touched)}
    await update_masks(connection, {key: mask for key, mask in after.items() if key in before})
    await insert_masks(connection, tenant, {key: mask for key, mask in after.items() if key not in before})
    looked = look_for_stranded(rules, opened, visits, now)
    conflicts = await _keep_conflicts(connection, tenant, scope, looked, now)
    return Rebuilt({key: before[key] for key in touched if key in before}, after, conflicts)


async def rules_in(connection: Connection, tenant: str, scope: Scope) -> Rules:
    rules = await read_rules(connection, tenant, scope.since, scope.until)
    lanes = [lane for lane in rules.lanes if lane.lane_id in scope.lane_ids]
    return msgspec.structs.replace(rules, lanes=lanes)


async def _occupy(
    connection: Connection, rules: Rules, opened: Mapping[MaskKey, Mask], scope: Scope
) -> tuple[dict[MaskKey, Mask], list[StandingVisit]]:
    visits = await list_visits(connection, scope.lane_ids, scope.since, scope.until)
    return occupy(rules, opened, [visit.occupied for visit in visits]), visits


async def _keep_conflicts(
    connection: Connection, tenant: str, scope: Scope, looked: Looked, now: datetime
) -> ConflictChanges:
    await resolve_moved(connection, tenant, now)
    known = await list_known_conflicts(connection, tenant, scope.lane_ids, scope.since, scope.until)
    changes = compare(looked, known)
    await insert_conflicts(connection, tenant, changes.found, now)
    await resolve_conflicts(connection, changes.resolved, now)
    return changes


async def whole_scope(connection: Connection, tenant: str, now: datetime) -> Scope:
    """All lanes, from yesterday, which is still today somewhere, as far as one may book or masks reach."""
    lane_ids = {lane.lane_id for lane in await list_lane_places(connection, tenant)}
    first = now.date() - timedelta(days=1)
    last = first + timedelta(days=await longest_window_days(connection, tenant) + 1 + SPARE_DAYS)
    return Scope(lane_ids, first, max(last, await find_last_day(connection, lane_ids) or last))
