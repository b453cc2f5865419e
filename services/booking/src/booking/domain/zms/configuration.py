"""An export of ZMS as a tenant's configuration, and the report of what was not understood. Pure, and never fails."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from booking.domain.configuration import Configuration, LaneRecord, OfferingRecord, ServiceRecord, UnitRecord
from booking.domain.fees import PaymentPolicy
from booking.domain.holidays import region_of, usual_customs
from booking.domain.rule_set import RuleSet
from booking.domain.zms.combinations import combinations_of
from booking.domain.zms.entries import Entry, read_entries
from booking.domain.zms.ignored import note_ignored
from booking.domain.zms.locations import Place, counters, openings_of, read_places
from booking.domain.zms.notes import Note, in_order
from booking.domain.zms.offerings import Offer, is_bookable, offering_of, pairs_of
from booking.domain.zms.services import Naming, name_services, service_of
from contracts.tenant import TenantProfile


class Choices(NamedTuple):
    """What the export does not say, and whoever imports it decides."""

    counters: int = 2
    """Of each location."""
    payment_policy: PaymentPolicy = "counter"
    """Of a fee that is due."""
    offers_internal: bool = False
    """Citizens may book what ZMS keeps for the staff, too."""


class Import(NamedTuple):
    configuration: Configuration
    notes: list[Note]


class _Export(NamedTuple):
    """The two files, as far as they can be told apart into entries that have a name."""

    naming: Naming
    services: Mapping[str, Entry]
    locations: Mapping[str, Entry]
    places: Mapping[str, Place]


def configuration_of_export(
    services: object, locations: object, profile: TenantProfile, position: int, choices: Choices
) -> Import:
    """`services` and `locations` as the two files have them, whatever they hold."""
    notes: list[Note] = []
    export = _read(services, locations, profile, notes)
    lanes = {id_: tuple(counters(place, choices.counters)) for id_, place in export.places.items()}
    offerings = list(_offerings(export, lanes, choices))
    configuration = Configuration(
        profile=profile,
        position=position,
        units={unit.id: unit for unit in _units(export.places)},
        locations={place.location.id: place.location for place in export.places.values()},
        clerks={},
        lanes={lane.key: lane for of_place in lanes.values() for lane in of_place},
        services={service.id: service for service in _services(export, offerings, choices)},
        offerings={offering.id: offering for offering in offerings},
        responsibility=None,
        rules=_rules(export.places, profile),
    )
    return Import(configuration, in_order(dict.fromkeys(notes)))


def _read(services: object, locations: object, profile: TenantProfile, notes: list[Note]) -> _Export:
    of_services, of_locations = read_entries("service", services, notes), read_entries("location", locations, notes)
    note_ignored(of_services, of_locations, notes)
    naming = name_services(profile.slug, of_services)
    named = {id_: of_services[id_] for id_ in naming.names}
    return _Export(naming, named, of_locations, read_places(profile.slug, of_locations, profile.time_zone))


def _offerings(
    export: _Export, lanes: Mapping[str, tuple[LaneRecord, ...]], choices: Choices
) -> Iterator[OfferingRecord]:
    for (service_id, location_id), pair in pairs_of(export.services, export.locations).items():
        if is_bookable(pair):
            service, location = export.services[service_id], export.locations[location_id]
            offer = Offer(service, location, pair, export.places[location_id])
            offering = offering_of(offer, export.naming, lanes[location_id])
            if offering.audience == "internal" and choices.offers_internal:
                offering = msgspec.structs.replace(offering, audience="public")
            yield offering


def _services(export: _Export, offerings: list[OfferingRecord], choices: Choices) -> Iterator[ServiceRecord]:
    """A service that only the staff may book anywhere is the staff's alone."""
    offered = {offering.service_id for offering in offerings}
    combinable = combinations_of(export.services, export.naming)
    for_public = {offering.service_id for offering in offerings if offering.audience == "public"}
    for entry in export.services.values():
        service = service_of(entry, export.naming, combinable.get(entry.id, frozenset()), choices.payment_policy)
        if service.id not in offered:
            entry.note("locations", "no location makes appointments for it", "listed, and cannot be booked")
        elif service.id not in for_public:
            entry.note("public", "the service is for the staff alone", "booked by the staff, not shown to citizens")
            service = msgspec.structs.replace(service, audience="internal")
        yield service


def _units(places: Mapping[str, Place]) -> Iterator[UnitRecord]:
    """Those above first, since others name them. Of two that say different things, the one that names what is above."""
    above = {place.parent.id: place.parent for place in places.values() if place.parent}
    yield from above.values()
    for place in sorted(places.values(), key=lambda place: place.parent is not None):
        if place.unit.id not in above:
            yield place.unit


def _rules(places: Mapping[str, Place], profile: TenantProfile) -> RuleSet:
    return RuleSet(
        opening=tuple(rule for place in places.values() for rule in openings_of(place)),
        customs=usual_customs(region_of(profile.ars)),
    )
