"""What if: what a change of rules would do, worked out in a transaction that can write nothing."""

from datetime import datetime

import msgspec

from booking.domain.catalogue import Catalogue, public_part
from booking.domain.conflicts import compare, look_for_stranded
from booking.domain.projection import Mask, MaskKey, Rules, occupy, open_masks
from booking.domain.rule_edits import RuleEdit
from booking.domain.rule_set import difference
from booking.domain.what_if import RuleEffect, day_changes, earliest_changes, found_conflicts
from booking.store.conflicts import list_known_conflicts, list_visits
from booking.store.masks import list_masks
from booking.store.rules import get_version
from booking.usecases.change_rules import require_version
from booking.usecases.rebuild_masks import Scope, rules_in, whole_scope
from kit.sql import Connection, Pool


async def preview_rules(
    pool: Pool, catalogue: Catalogue, edit: RuleEdit, now: datetime, *, if_version: int | None = None
) -> RuleEffect:
    """The same as `apply_edit`, and the change in the earliest times. Raises what the edit raises, and Conflict."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        version = await get_version(connection, catalogue.tenant)
        require_version(version, if_version)
        return await _preview(connection, catalogue, edit, version, now)


async def _preview(
    connection: Connection, catalogue: Catalogue, edit: RuleEdit, version: int, now: datetime
) -> RuleEffect:
    scope = await whole_scope(connection, catalogue.tenant, now)
    rules = await rules_in(connection, catalogue.tenant, scope)
    changed = msgspec.structs.replace(rules, rule_set=edit(rules.rule_set))
    change = difference(rules.rule_set, changed.rule_set)
    visits = await list_visits(connection, scope.lane_ids, scope.since, scope.until)
    known = await list_known_conflicts(connection, catalogue.tenant, scope.lane_ids, scope.since, scope.until)
    before, after = _open(rules, scope), _open(changed, scope)
    conflicts = compare(look_for_stranded(changed, after, visits, now), known)
    occupied = [visit.occupied for visit in visits if visit.stands(now)]
    return RuleEffect(
        version=version + bool(change.added or change.removed),
        dry_run=True,
        days=day_changes(await list_masks(connection, *scope), after),
        conflicts=found_conflicts(conflicts.found),
        resolved_count=len(conflicts.resolved),
        earliest=earliest_changes(
            public_part(catalogue), occupy(rules, before, occupied), occupy(changed, after, occupied), now
        ),
    )


def _open(rules: Rules, scope: Scope) -> dict[MaskKey, Mask]:
    return open_masks(rules, scope.first_day, scope.last_day)
