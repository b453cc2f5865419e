"""An admin brings the own tenant up to a configuration sent as JSON: services and offices as the files have them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from booking.domain.catalogue_files import Files, OfficesFile, ServiceRow
from booking.domain.configuration_diff import Change
from booking.domain.configuration_of_files import configuration_of
from booking.domain.errors import Invalid, NotFound
from booking.domain.file_checks import check_files
from booking.domain.file_faults import Fault, place_of, read_as
from booking.store.catalogue import find_tenant
from booking.usecases.configure import apply_configuration
from contracts.tenant import TenantProfile, VideoUrl
from kit.clock import Clock
from kit.sql import Pool

FAULTS_MAX = 200
HOURS = "special_hours"
"""Belong to hours, by their name, and not to a tenant."""


class NewConfiguration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fields are those of docs/configuring-a-tenant.md, fees in cents, `tenant` left out."""

    services: list[dict[str, Any]]
    offices: dict[str, Any]
    video_url_template: Annotated[str, msgspec.Meta(max_length=500)] | msgspec.UnsetType | None = msgspec.UNSET
    """Of the tenant's own entry; left out, it stays as it is, as all the rest of that entry does."""
    dry_run: bool = False
    """Only say what would change."""


async def configure_tenant(pool: Pool, tenant: str, wanted: NewConfiguration, clock: Clock) -> Sequence[Change]:
    """What changed, or would. Raises Invalid with all that is wrong, NotFound."""
    async with pool.acquire() as connection:
        stored = await find_tenant(connection, tenant)
    if stored is None:
        raise NotFound("There is no such tenant.")
    files = _read(wanted, stored.profile)
    configuration = configuration_of(files, files.tenants[0], stored.position)
    return (await apply_configuration(pool, configuration, clock, dry_run=wanted.dry_run)).changes


def _read(wanted: NewConfiguration, profile: TenantProfile) -> Files:
    faults: list[Fault] = []
    rows = read_as(tuple[ServiceRow, ...], wanted.services, faults, ("services",))
    offices = read_as(OfficesFile, _of_tenant(wanted.offices, profile.slug), faults, ("offices",))
    profile = _with_room(profile, wanted.video_url_template, faults)
    if faults or rows is None or offices is None:
        raise _invalid(faults)
    files = Files([profile], rows, offices)
    found = check_files(files)
    if found:
        raise _invalid(found)
    return files


def _with_room(profile: TenantProfile, said: str | msgspec.UnsetType | None, faults: list[Fault]) -> TenantProfile:
    if said is msgspec.UNSET:
        return profile
    template = None if said is None else read_as(VideoUrl, said, faults, ("video_url_template",))
    return msgspec.structs.replace(profile, video_url_template=template)


def _of_tenant(offices: Mapping[str, Any], tenant: str) -> dict[str, Any]:
    """Each table is the own tenant's unless it says otherwise, which is refused then."""

    def named(entry: object) -> object:
        return {"tenant": tenant} | entry if isinstance(entry, dict) else entry

    return {
        section: [named(entry) for entry in entries] if isinstance(entries, list) and section != HOURS else entries
        for section, entries in offices.items()
    }


def _invalid(faults: Sequence[Fault]) -> Invalid:
    errors = [(place_of(fault.path, first=0), fault.message) for fault in faults[:FAULTS_MAX]]
    count = (
        "One thing in the configuration is" if len(faults) == 1 else f"{len(faults)} things in the configuration are"
    )
    return Invalid(f"{count} wrong; nothing was changed.", errors)
