"""Bringing tenants up to their files: `python -m booking configure`. Idempotent: a second run changes nothing."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from booking.domain.catalogue_files import Files
from booking.domain.configuration import Configuration, numbered
from booking.domain.configuration_diff import Change, changes, names_of
from booking.domain.configuration_of_files import configuration_of
from booking.domain.rule_words import rule_changes
from booking.store.configuration import write_changes
from booking.store.stored_configuration import StoredConfiguration, load_configuration
from booking.usecases.change_rules import bring_file_rules
from booking.usecases.read_files import read_files
from booking.usecases.rebuild_masks import rebuild_masks
from kit.clock import Clock
from kit.sql import Pool

__all__ = ["Files", "TenantChanges", "apply_configuration", "configure", "read_files"]


class TenantChanges(NamedTuple):
    tenant: str
    changes: Sequence[Change]


async def configure(pool: Pool, files: Files, clock: Clock, *, dry_run: bool = False) -> list[TenantChanges]:
    """All files have been checked before (`read_files`), so none is found wanting when another tenant is written."""
    wanted = [configuration_of(files, profile, position) for position, profile in enumerate(files.tenants)]
    return [await apply_configuration(pool, configuration, clock, dry_run=dry_run) for configuration in wanted]


async def apply_configuration(
    pool: Pool, wanted: Configuration, clock: Clock, *, dry_run: bool = False
) -> TenantChanges:
    """What changed, or would: in one transaction with the tenant's masks, so that nobody ever sees half a change.

    Where nothing changes nothing is written, and the catalogue keeps its version.
    """
    assert wanted.profile is not None
    tenant = wanted.profile.slug
    async with pool.acquire() as connection, connection.transaction():
        stored = await load_configuration(connection, tenant)
        found = _all_changes(stored, wanted)
        if found and not dry_run:
            now = clock()
            lane_ids = await write_changes(connection, tenant, stored, wanted, now)
            await bring_file_rules(connection, tenant, numbered(wanted.rules, lane_ids), now)
            await rebuild_masks(connection, tenant, now)
    return TenantChanges(tenant, found)


def _all_changes(stored: StoredConfiguration, wanted: Configuration) -> list[Change]:
    before = stored.configuration
    names = names_of(before) | names_of(wanted)
    lane_ids = [stored.lane_ids.get(key, -place) for place, key in enumerate(wanted.lanes, 1)]
    numbers: dict[Hashable, str] = {number: names.get(key, "?") for key, number in stored.lane_ids.items()}
    numbers |= {number: names[key] for number, key in zip(lane_ids, wanted.lanes, strict=True)}
    return [
        *changes(before, wanted, names),
        *rule_changes(before.rules, numbered(wanted.rules, lane_ids), names | numbers),
    ]
