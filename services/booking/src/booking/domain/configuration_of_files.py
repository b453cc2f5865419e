"""What the files say of one tenant, as its configuration. Pure; the files have been checked (domain/file_checks.py)."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from booking.domain.catalogue_files import Files, Office, OfficesFile, ServiceRow, office_of
from booking.domain.configuration import (
    ClerkRecord,
    Configuration,
    LaneRecord,
    LocationRecord,
    OfferingRecord,
    ServiceRecord,
    UnitRecord,
    id_for,
)
from booking.domain.folding import fold, letter_of, search_key
from booking.domain.responsibility_entries import Directory, make_rule
from booking.domain.responsibility_rules import ResponsibilityRule
from booking.domain.rule_files import rules_of_file
from booking.domain.rule_set import RuleSet
from contracts.tenant import TenantProfile


def configuration_of(files: Files, profile: TenantProfile, position: int) -> Configuration:
    tenant = profile.slug
    offices = [office for office in files.offices.office if office.tenant == tenant]
    by_unit = {office.unit: office for office in offices}
    rows = [(row, office_of(row, by_unit)) for row in files.services if row.is_offered_by(profile.kind)]
    services = [_service(tenant, row, office.accounting if office else {}) for row, office in rows]
    offerings = [_offering(row, office) for row, office in rows if office is not None and row.duration_min > 0]
    lanes = [*_lanes(offices), *_resources(files.offices, tenant)]
    return Configuration(
        profile=profile,
        position=position,
        units={unit.id: unit for unit in map(_unit, offices)},
        locations={location.id: location for location in _locations(files.offices, profile)},
        clerks={clerk.id: clerk for office in offices for clerk in _clerks(office)},
        lanes={lane.key: lane for lane in lanes},
        services={service.id: service for service in services},
        offerings={offering.id: offering for offering in offerings},
        responsibility=_responsibility(files.offices, tenant, directory_of(files, profile)),
        rules=_rules(files.offices, profile, lanes),
    )


def _rules(file: OfficesFile, profile: TenantProfile, lanes: Sequence[LaneRecord]) -> RuleSet:
    places = {lane.key: place for place, lane in enumerate(lanes)}
    offices = [office for office in file.office if office.tenant == profile.slug]
    locations = {
        building.name: _location_id(profile.slug, building.name)
        for building in file.building
        if building.tenant == profile.slug
    }
    by_office = {office.unit: [places[lane.key] for lane in _lanes([office])] for office in offices}
    return rules_of_file(file, profile, locations, by_office)


def directory_of(files: Files, profile: TenantProfile) -> Directory:
    """The names that responsibility rules may use."""
    tenant = profile.slug
    offices = [office for office in files.offices.office if office.tenant == tenant]
    services = [row.name for row in files.services if row.is_offered_by(profile.kind)]
    return Directory(
        services={name: id_for(tenant, "service", name) for name in services},
        units={office.unit: id_for(tenant, "unit", office.unit) for office in offices},
        clerks={clerk.name: id_for(tenant, "clerk", clerk.name) for office in offices for clerk in office.clerks},
    )


def _responsibility(file: OfficesFile, tenant: str, directory: Directory) -> tuple[ResponsibilityRule, ...] | None:
    rules = [
        make_rule(entry, directory, id_for(tenant, "responsibility", entry.name))
        for entry in file.responsibility
        if entry.tenant == tenant
    ]
    return tuple(sorted(rules, key=lambda rule: -rule.priority)) or None


def _unit(office: Office) -> UnitRecord:
    return UnitRecord(id=id_for(office.tenant, "unit", office.unit), name=office.unit)


def _locations(file: OfficesFile, profile: TenantProfile) -> Iterator[LocationRecord]:
    for building in file.building:
        if building.tenant == profile.slug:
            yield LocationRecord(
                id=_location_id(building.tenant, building.name),
                name=building.name,
                street=building.street,
                postcode=building.postcode,
                city=building.city,
                time_zone=profile.time_zone,
            )


def _location_id(tenant: str, building: str) -> UUID:
    return id_for(tenant, "location", building)


def _clerks(office: Office) -> Iterator[ClerkRecord]:
    for clerk in office.clerks:
        yield ClerkRecord(
            id=id_for(office.tenant, "clerk", clerk.name),
            unit_id=id_for(office.tenant, "unit", office.unit),
            display_name=clerk.name,
            email=clerk.email,
            public_function=clerk.function,
            subject=clerk.subject,
            calendar=clerk.calendar,
        )


def _lanes(offices: list[Office]) -> Iterator[LaneRecord]:
    for office in offices:
        location_id = _location_id(office.tenant, office.building)
        for clerk in office.clerks:
            clerk_id = id_for(office.tenant, "clerk", clerk.name)
            yield LaneRecord(location_id=location_id, clerk_id=clerk_id, room=clerk.room, items_max=office.items_max)
        for label in office.counters:
            yield LaneRecord(location_id=location_id, label=label, kind="counter", items_max=office.items_max)


def _resources(file: OfficesFile, tenant: str) -> Iterator[LaneRecord]:
    for resource in file.resource:
        if resource.tenant == tenant:
            location_id = _location_id(tenant, resource.building)
            yield LaneRecord(
                location_id=location_id, label=resource.label, kind="resource", resource_group=resource.group
            )


def _service(tenant: str, row: ServiceRow, accounting: Mapping[str, str]) -> ServiceRecord:
    return ServiceRecord(
        id=id_for(tenant, "service", row.name),
        name=row.name,
        name_en=row.name_en,
        kind=row.kind,
        leika=row.leika,
        life_situations=(row.life_situation,) if row.life_situation else (),
        position=row.position,
        synonyms=row.synonyms,
        documents=row.documents,
        documents_en=row.documents_en,
        channels=row.channels,
        fee_kind=row.fee_kind,
        payment_policy=row.payment_policy,
        accounting=dict(accounting),
        fees=row.fees,
        combines_with=_combinable(tenant, row),
        audience=row.audience,
        letter=letter_of(row.name),
        sort_key=fold(row.name),
        search_key=search_key(row.name, row.name_en, *row.synonyms, row.life_situation),
    )


def _combinable(tenant: str, row: ServiceRow) -> frozenset[UUID]:
    names = [row.name, *(name for name in row.combines_with if name != "-")] if row.combines_with else []
    return frozenset(id_for(tenant, "service", name) for name in names)


def _offering(row: ServiceRow, office: Office) -> OfferingRecord:
    return OfferingRecord(
        id=id_for(office.tenant, "offering", f"{row.name}@{office.building}"),
        service_id=id_for(office.tenant, "service", row.name),
        unit_id=id_for(office.tenant, "unit", office.unit),
        location_id=_location_id(office.tenant, office.building),
        duration_min=row.duration_min,
        extra_item_min=row.extra_item_min,
        max_quantity=row.max_quantity,
        buffer_min=office.buffer_min,
        step_min=office.step_min,
        notice_min=office.notice_min,
        window_days=office.window_days,
        staggered_release=office.staggered_release,
        cancel_until_h=row.cancel_until_h,
        reschedule_until_h=row.reschedule_until_h,
        reminder_ahead_h=row.reminder_ahead_h,
        served_by=frozenset(lane.key for lane in _lanes([office])),
        audience=row.audience,
        resource_groups=frozenset(row.resources),
    )
