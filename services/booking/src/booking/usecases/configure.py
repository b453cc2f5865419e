"""Bringing tenants up to their files: `python -m booking configure`. Idempotent: a second run changes nothing."""

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import NamedTuple

from booking.domain.catalogue_files import Files
from booking.domain.configuration import Configuration, numbered, require_video_room, with_profile
from booking.domain.configuration_diff import Change, changes, names_of
from booking.domain.configuration_of_files import configuration_of
from booking.domain.rule_words import rule_changes
from booking.store.clerk_calendars import list_told_otherwise
from booking.store.configuration import write_changes
from booking.store.fee_conflicts import keep_fee_conflicts
from booking.store.stored_configuration import StoredConfiguration, load_configuration
from booking.usecases.change_rules import bring_file_rules
from booking.usecases.invite_to_visits import invite_to_visits
from booking.usecases.rebuild_masks import rebuild_masks
from kit.clock import Clock
from kit.progress import Phases, silent
from kit.sql import Connection, Pool


class TenantChanges(NamedTuple):
    tenant: str
    changes: Sequence[Change]


async def configure(pool: Pool, files: Files, clock: Clock, *, dry_run: bool = False) -> list[TenantChanges]:
    """All files have been checked before (`read_files`), so none is found wanting when another tenant is written."""
    wanted = [configuration_of(files, profile, position) for position, profile in enumerate(files.tenants)]
    return [await apply_configuration(pool, one, clock, dry_run=dry_run, profile_alone=not one.units) for one in wanted]


async def apply_configuration(
    pool: Pool,
    wanted: Configuration,
    clock: Clock,
    *,
    dry_run: bool = False,
    profile_alone: bool = False,
    phases: Phases = silent,
) -> TenantChanges:
    """What changed, or would: in one transaction with the tenant's masks, so that nobody ever sees half a change.

    Where nothing changes nothing is written, and the catalogue keeps its version. `profile_alone`: the catalogue came
    another way (an import, an admin), and stands. Raises Invalid if the two do not fit together.
    """
    assert wanted.profile is not None
    tenant = wanted.profile.slug
    async with pool.acquire() as connection, connection.transaction():
        async with phases("comparing and writing"):
            stored = await load_configuration(connection, tenant)
            if profile_alone:
                wanted = with_profile(stored.configuration, wanted.profile, wanted.position)
            require_video_room(wanted)
            found = _all_changes(stored, wanted)
            if found and not dry_run:
                await _write(connection, stored, wanted, clock())
        async with phases("making the calendars"):
            if found and not dry_run:
                await rebuild_masks(connection, tenant, clock())
                await keep_fee_conflicts(connection, tenant, clock())
    return TenantChanges(tenant, found)


async def _write(connection: Connection, stored: StoredConfiguration, wanted: Configuration, now: datetime) -> None:
    assert wanted.profile is not None
    tenant = wanted.profile.slug
    told_otherwise = await list_told_otherwise(connection, tenant)
    lane_ids = await write_changes(connection, tenant, stored, wanted, now)
    if wanted.rules is not None:
        await bring_file_rules(connection, tenant, numbered(wanted.rules, lane_ids), now)
    for clerk_id in told_otherwise:
        if clerk_id in wanted.clerks and wanted.clerks[clerk_id].calendar == "invite":
            await invite_to_visits(connection, tenant, clerk_id, now)


def _all_changes(stored: StoredConfiguration, wanted: Configuration) -> list[Change]:
    before = stored.configuration
    names = names_of(before) | names_of(wanted)
    found = changes(before, wanted, names)
    if wanted.rules is None or before.rules is None:
        return found
    lane_ids = [stored.lane_ids.get(key, -place) for place, key in enumerate(wanted.lanes, 1)]  # new ones have none yet
    numbers: dict[Hashable, str] = {number: names.get(key, "?") for key, number in stored.lane_ids.items()}
    numbers |= {number: names[key] for number, key in zip(lane_ids, wanted.lanes, strict=True)}
    return found + rule_changes(before.rules, numbered(wanted.rules, lane_ids), names | numbers)
