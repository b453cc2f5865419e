"""More than the one town hall: a second one in the sample town, and towns beside it."""

from datetime import date
from uuid import UUID

import msgspec
from tests.booking import sample

from booking.domain.catalogue_files import Building, ClerkEntry, Files, Office, OfficesFile
from booking.domain.configuration import id_for
from booking.domain.configuration_of_files import configuration_of
from booking.usecases.configure import apply_configuration
from contracts.tenant import TenantProfile
from kit.clock import Clock
from kit.sql import Pool

NORTH = "Bürgerhaus Nord"
NEIGHBOUR = "nachbarstadt"
FAR = "fernstadt"
"""In another county."""


async def open_second_hall(pool: Pool, clock: Clock, *services: str) -> None:
    """With one clerk, who serves these services. Files know one building of an office; a configuration knows more."""
    files = sample.files()
    building = Building(
        tenant=sample.TENANT, name=NORTH, street="Nordring 9", postcode="52499", city="Muster", hours="vormittags"
    )
    clerk = ClerkEntry("Nora Nord", "nora@x.example", "Schalter N")
    office = Office(tenant=sample.TENANT, unit="Bürgerbüro Nord", building=NORTH, clerks=(clerk,))
    offices = msgspec.structs.replace(
        files.offices, building=(*files.offices.building, building), office=(*files.offices.office, office)
    )
    wanted = configuration_of(files._replace(offices=offices), files.tenants[0], 0)
    served_by = frozenset(lane.key for lane in wanted.lanes.values() if lane.location_id == hall(NORTH))
    more = [
        msgspec.structs.replace(
            wanted.offerings[id_for(sample.TENANT, "offering", f"{service}@Rathaus")],
            id=id_for(sample.TENANT, "offering", f"{service}@{NORTH}"),
            unit_id=id_for(sample.TENANT, "unit", office.unit),
            location_id=hall(NORTH),
            served_by=served_by,
        )
        for service in services
    ]
    offerings = dict(wanted.offerings) | {offering.id: offering for offering in more}
    await apply_configuration(pool, msgspec.structs.replace(wanted, offerings=offerings), clock)


def with_towns(**halls: str) -> Files:
    """The sample town and others, by slug with the keys of their counties."""
    towns = [sample.files(), *(sample.files(slug=slug) for slug in halls)]
    offices = OfficesFile(
        hours=towns[0].offices.hours,
        building=tuple(building for town in towns for building in town.offices.building),
        office=tuple(office for town in towns for office in town.offices.office),
    )
    profiles = [sample.profile(), *(_neighbour(slug, ars) for slug, ars in halls.items())]
    return Files(profiles, towns[0].services, offices)


def _neighbour(slug: str, ars: str) -> TenantProfile:
    return msgspec.structs.replace(sample.profile(slug), name=f"Stadt {slug.capitalize()}", ars=ars)


def hall(name: str = "Rathaus", tenant: str = sample.TENANT) -> UUID:
    return id_for(tenant, "location", name)


async def book_out(pool: Pool, location_id: UUID, until: str) -> None:
    """Nothing is free there up to that day."""
    await pool.execute(
        "UPDATE day_mask m SET free = 0::bit(288) FROM lane l"
        " WHERE l.id = m.lane_id AND l.location_id = $1 AND m.day <= $2",
        location_id,
        date.fromisoformat(until),
    )


async def keep_internal(pool: Pool, table: str, service: str, tenant: str = sample.TENANT) -> None:
    """`table`: service or offering."""
    column = {"service": "id", "offering": "service_id"}[table]
    await pool.execute(
        f"UPDATE {table} SET audience = 'internal' WHERE tenant = $1 AND {column} = $2",
        tenant,
        sample.service_id(service, tenant),
    )
    await pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
