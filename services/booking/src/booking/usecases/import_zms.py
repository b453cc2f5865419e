"""Bringing a tenant up to an export of ZMS: `python -m booking import-zms`. Again with a newer export: a difference."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from booking.domain.catalogue_files import FileError
from booking.domain.configuration_diff import Change
from booking.domain.zms.configuration import Choices, configuration_of_export
from booking.domain.zms.notes import Note
from booking.domain.zms.profile import NewTenant, profile_of
from booking.store.catalogue import find_tenant, next_position
from booking.usecases.configure import apply_configuration
from contracts.tenant import TenantProfile
from kit.clock import Clock
from kit.progress import Phases, silent
from kit.sql import Pool

PHASES = 5


class Export(NamedTuple):
    """The two files, as JSON has them."""

    services: object
    locations: object


class Imported(NamedTuple):
    changes: Sequence[Change]
    notes: Sequence[Note]


async def read_export(services: Path, locations: Path, phases: Phases = silent) -> Export:
    """Raises FileError for what is no JSON at all."""
    async with phases("reading the services"):
        of_services = _read_json(services)
    async with phases("reading the locations"):
        return Export(of_services, _read_json(locations))


def _read_json(file: Path) -> object:
    try:
        return json.loads(file.read_bytes())
    except OSError as error:
        raise FileError([f"{file}: cannot be read: {error.strerror}"]) from None
    except (ValueError, RecursionError) as error:
        raise FileError([f"{file}: is no JSON: {error}"]) from None


async def import_zms(
    pool: Pool,
    export: Export,
    tenant: TenantProfile | NewTenant,
    choices: Choices,
    clock: Clock,
    *,
    dry_run: bool = False,
    phases: Phases = silent,
) -> Imported:
    """A tenant that is there already keeps its profile, unless one is given."""
    async with phases("understanding them"):
        async with pool.acquire() as connection:
            known = await find_tenant(connection, tenant.slug)
            position = known.position if known else await next_position(connection)
        profile, notes = profile_of(tenant, known.profile if known else None, export.locations)
        configuration, of_export = configuration_of_export(*export, profile, position, choices)
    done = await apply_configuration(pool, configuration, clock, dry_run=dry_run, phases=phases)
    return Imported(done.changes, [*notes, *of_export])
