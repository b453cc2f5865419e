"""An export as a configuration: what is taken, what is assumed, and what the report says of it."""

from datetime import time
from typing import Any

import pytest
from tests.booking.sample import profile
from tests.booking.zms import sample

from booking.domain.configuration import Configuration, OfferingRecord, id_for
from booking.domain.fees import Fee
from booking.domain.zms.configuration import Choices, Import, configuration_of_export
from booking.domain.zms.locations import USUAL_HOURS
from booking.domain.zms.notes import summary

TENANT = "musterstadt"


_SAMPLE = object()


def read(services: Any = _SAMPLE, locations: Any = _SAMPLE, choices: Choices | None = None) -> Import:
    return configuration_of_export(
        sample.services() if services is _SAMPLE else services,
        sample.locations() if locations is _SAMPLE else locations,
        profile(),
        0,
        choices or Choices(),
    )


def offering(configuration: Configuration, service: str, location: str) -> OfferingRecord:
    return configuration.offerings[id_for(TENANT, "offering", f"zms/{service}@{location}")]


def service_id(service: str) -> Any:
    return id_for(TENANT, "service", f"zms/{service}")


def said(found: Import, field: str) -> list[tuple[str, str, str]]:
    return [(note.id, note.why, note.assumed) for note in found.notes if note.field == field]


def test_a_service_is_taken_with_all_that_is_certain() -> None:
    configuration = read().configuration
    fishing, dog = (configuration.services[service_id(id_)] for id_ in ("10", "11"))
    assert (fishing.name, fishing.leika, fishing.synonyms) == (
        "Angelschein",
        "99039001001000",
        ("Angeln", "Fischerei", "Fischen"),
    )
    assert (fishing.fee_kind, fishing.fees, fishing.payment_policy) == ("fixed", (Fee(3550, None, None),), "counter")
    assert (dog.fee_kind, dog.payment_policy, dog.documents) == ("none", "none", ("Chipnummer des Hundes", "Ausweis"))
    assert dog.life_situations == ("Tiere",)


def test_a_location_may_say_other_minutes_and_another_maximum() -> None:
    configuration = read().configuration
    here, there = offering(configuration, "10", "1"), offering(configuration, "10", "2")
    assert (here.duration_min, here.extra_item_min, here.max_quantity) == (20, 20, 4)
    assert (there.duration_min, there.extra_item_min, there.max_quantity) == (30, 30, 2)


def test_locations_have_addresses_hours_and_counters() -> None:
    configuration = read(choices=Choices(counters=3)).configuration
    one, two = sorted(configuration.locations.values(), key=lambda place: place.postcode)
    assert (one.name, one.street, one.postcode, one.city) == ("Bürgeramt (BA 1)", "Seestraße 3", "12345", "Muster")
    assert configuration.rules is not None
    hours = {(rule.location_id, rule.weekday, rule.opens, rule.closes) for rule in configuration.rules.opening}
    assert {row[1:] for row in hours if row[0] == one.id} == {
        (1, time(8), time(12)),
        (4, time(8), time(12)),
        (4, time(14), time(18)),
    }
    assert {row[1:] for row in hours if row[0] == two.id} == set(USUAL_HOURS)
    assert sorted(lane.label for lane in configuration.lanes.values() if lane.location_id == one.id) == [
        "Schalter 1",
        "Schalter 2",
        "Schalter 3",
    ]
    assert {lane.kind for lane in configuration.lanes.values()} == {"counter"}
    above = {unit.name: unit.parent_id for unit in configuration.units.values()}
    assert above == {"Ordnungsamt": None, "Bürgeramt": id_for(TENANT, "unit", "zms/Ordnungsamt")}


def test_what_zms_keeps_for_the_staff_is_internal_unless_somebody_decides_otherwise() -> None:
    configuration = read().configuration
    assert configuration.services[service_id("12")].audience == "internal"
    assert offering(configuration, "12", "2").audience == "internal"
    opened = read(choices=Choices(offers_internal=True)).configuration
    assert opened.services[service_id("12")].audience == "public"


def test_a_location_decides_for_its_own_services() -> None:
    locations = sample.locations()
    locations["data"][1]["services"][1]["public"] = True
    locations["data"][1]["services"][0]["public"] = False
    configuration = read(locations=locations).configuration
    assert offering(configuration, "12", "2").audience == "public"
    assert configuration.services[service_id("12")].audience == "public"
    assert offering(configuration, "10", "2").audience == "internal"
    assert configuration.services[service_id("10")].audience == "public"  # it is public at the other location
    locations["data"][0]["dontShowByServices"] = [10]
    assert read(locations=locations).configuration.services[service_id("10")].audience == "internal"


def test_services_combine_both_ways_and_alone_where_they_name_only_themselves() -> None:
    found = read()
    services = found.configuration.services
    assert services[service_id("10")].combines_with == {service_id("10"), service_id("11")}
    assert services[service_id("11")].combines_with == {service_id("10"), service_id("11")}
    assert services[service_id("12")].combines_with == {service_id("12")}
    assert said(found, "combinable") == [("10", "11 does not name it in return", "combinable both ways")]


def test_the_report_names_each_thing_that_was_not_understood() -> None:
    services, locations = sample.services(), sample.locations()
    services["data"][0] |= {"fees": "ab 35 Euro", "leika": "99039001001000, 99039001001001", "maxQuantity": 99}
    services["data"][1] |= {"duration": 12, "leika": "1"}
    locations["data"][0]["services"][1].pop("duration")
    services["data"][2]["locations"].append({"location": "99"})
    services["data"] += [{"name": "Ohne Nummer"}, {"id": 10, "name": "Doppelt"}, {"id": "13"}]
    locations["data"][1]["opening_times"] = {"monday": "nach Vereinbarung"}
    found = read(services, locations)
    notes = {(note.id, note.field, note.assumed) for note in found.notes}
    assert notes >= {
        ("10", "fees", "fee on request"),
        ("10", "leika", "the first one"),
        ("10", "maxQuantity", "as if it were missing"),
        ("10", "maxQuantity", "1"),
        ("11", "duration", "15 minutes"),
        ("11", "leika", "no key"),
        ("12", "locations.location", "left out"),
        ("#4", "id", "left out"),
        ("10", "id", "the first one alone"),
        ("13", "name", "left out"),
        ("2", "opening_times.monday", "closed then"),
        ("service", "description", "left out"),
    }
    assert "    1 × service fees: the amount comes with words that may be a condition → fee on request" in summary(
        found.notes
    )


def test_another_city_s_export_has_fewer_fields_and_says_so() -> None:
    """As Berlin's: no durations, no quantities, names that stand twice, and appointments that are not allowed."""
    services = {
        "data": [
            {
                "id": "120335",
                "name": "Abmeldung",
                "relation": {"root_topic": "3"},
                "locations": [
                    {"location": "122231", "appointment": {"slots": "2", "external": False, "allowed": True}},
                    {"location": "122252", "appointment": {"slots": "0", "external": False, "allowed": False}},
                    {"location": "122260", "appointment": {"slots": "0", "external": True, "allowed": True}},
                ],
            }
        ]
    }
    locations = [
        {"id": id_, "name": "Amt", "address": {"city": "Muster"}, "services": [], "appointment": {"multiple": "0"}}
        for id_ in (122231, 122252, 122260)
    ]
    found = read(services, locations)
    (one,) = found.configuration.offerings.values()
    assert (one.duration_min, one.max_quantity) == (15, 1)
    assert sorted(place.name for place in found.configuration.locations.values()) == [
        "Amt (122231)",
        "Amt (122252)",
        "Amt (122260)",
    ]
    fields = {note.field for note in found.notes}
    assert fields >= {"duration", "maxQuantity", "combinable", "fees", "name", "relation", "address.street"}
    assert ("120335", "appointments are made in another system", "left out") in said(
        found, "locations.appointment.external"
    )


def test_slots_count_where_there_are_no_minutes() -> None:
    services, locations = sample.services(), sample.locations()
    del services["data"][0]["duration"]
    del locations["data"][0]["services"][0]["duration"]
    assert offering(read(services, locations).configuration, "10", "1").duration_min == 4 * 5


def test_a_visit_longer_than_any_day_is_named() -> None:
    services, locations = sample.services(), sample.locations()
    locations["data"][1]["opening_times"] = {"monday": "10-11 Uhr"}
    locations["data"][1]["services"][1]["duration"] = 90
    services["data"][0]["maxQuantity"] = 20
    found = read(services, locations)
    assert said(found, "duration") == [("12", "Bürgeramt (BA 2) is never open that long", "no time is ever free")]
    assert said(found, "maxQuantity") == [
        ("10", "20 take longer than Bürgeramt (BA 1) is ever open", "no time is free for more than 12")
    ]


@pytest.mark.parametrize("export", [None, [], {}, "x", 5, {"data": None}, {"data": {"a": 1}}, [1, "x", None, {}]])
def test_what_is_no_export_is_an_empty_one(export: Any) -> None:
    found = read(export, export)
    assert (found.configuration.services, found.configuration.offerings) == ({}, {})
    assert found.notes or export == []
