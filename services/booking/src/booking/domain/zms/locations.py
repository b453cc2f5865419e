"""Locations of an export: where they are, when they are open, and which office of the house sits there. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import time
from typing import NamedTuple
from uuid import UUID

from booking.domain.configuration import LaneRecord, LocationRecord, UnitRecord, id_for
from booking.domain.rule_set import OpeningRule
from booking.domain.zms.entries import NAME_MAX, Entry
from booking.domain.zms.opening_text import Opening, read_opening

HOURS_FIELDS = ("opening_times", "opening_hours", "openingTimes", "openingHours")
USUAL_HOURS: tuple[Opening, ...] = (
    *(Opening(weekday, time(8), time(16)) for weekday in (1, 2, 3, 4)),
    Opening(5, time(8), time(12)),
)
"""Where an export has none that can be read."""
USUAL_HOURS_IN_WORDS = "Monday to Thursday 08:00-16:00, Friday 08:00-12:00"


class Place(NamedTuple):
    location: LocationRecord
    unit: UnitRecord
    parent: UnitRecord | None
    openings: tuple[Opening, ...]
    is_public: bool

    @property
    def longest_span_min(self) -> int:
        return max(_minutes(opening.closes) - _minutes(opening.opens) for opening in self.openings)


def _minutes(value: time) -> int:
    return value.hour * 60 + value.minute


def read_places(tenant: str, entries: Mapping[str, Entry], time_zone: str) -> dict[str, Place]:
    names = _names(entries)
    return {id_: _place(tenant, entries[id_], name, time_zone) for id_, name in names.items()}


def _names(entries: Mapping[str, Entry]) -> dict[str, str]:
    """What people call it (displayName); where several bear that name, the longer one; with its id if need be."""
    called = {id_: entry.text("displayName") or entry.text("name") for id_, entry in entries.items()}
    often = Counter(called.values())
    names: dict[str, str] = {}
    for id_, entry in entries.items():
        entry.name = called[id_][:NAME_MAX]
        full = called[id_] if often[called[id_]] == 1 else entry.text("name", called[id_])
        if not full:
            entry.note("name", "is missing", f"“Standort {id_}”")
            full = f"Standort {id_}"
        names[id_] = full[:NAME_MAX]
    twice = {name for name, count in Counter(names.values()).items() if count > 1}
    for id_ in [id_ for id_, name in names.items() if name in twice]:
        entries[id_].note("name", "stands twice", "its id is added")
        names[id_] = f"{names[id_][: NAME_MAX - len(id_) - 3]} ({id_})"
    return names


def _place(tenant: str, entry: Entry, name: str, time_zone: str) -> Place:
    unit, parent = _units(tenant, entry, name)
    is_public = entry.flag("public")
    return Place(
        location=_location(tenant, entry, name, time_zone),
        unit=unit,
        parent=parent,
        openings=_openings(entry),
        is_public=True if is_public is None else is_public,
    )


def _location(tenant: str, entry: Entry, name: str, time_zone: str) -> LocationRecord:
    address = entry.part("address")
    street = " ".join(part for part in (address.text("street"), address.text("house_number")) if part)
    postcode, city = address.text("postal_code"), address.text("city")
    for field, value in (("street", street), ("postal_code", postcode), ("city", city)):
        if not value:
            address.note(field, "is missing", "nothing is shown")
    return LocationRecord(
        id=location_id(tenant, entry.id), name=name, street=street, postcode=postcode, city=city, time_zone=time_zone
    )


def location_id(tenant: str, id_: str) -> UUID:
    return id_for(tenant, "location", f"zms/{id_}")


def _units(tenant: str, entry: Entry, name: str) -> tuple[UnitRecord, UnitRecord | None]:
    """The office is what people call the location; above it stands the organisational unit, if one is named."""
    own, above = entry.text("displayName", name)[:NAME_MAX], entry.text("organizationUnit")[:NAME_MAX]
    if not above or above == own:
        return UnitRecord(id=id_for(tenant, "unit", f"zms/{own}"), name=own), None
    parent = UnitRecord(id=id_for(tenant, "unit", f"zms/{above}"), name=above)
    return UnitRecord(id=id_for(tenant, "unit", f"zms/{own}"), name=own, parent_id=parent.id), parent


def _openings(entry: Entry) -> tuple[Opening, ...]:
    field = next((field for field in HOURS_FIELDS if entry.has(field)), None)
    table = entry.get(field) if field else None
    if field is None or not isinstance(table, Mapping):
        entry.note("opening_times", "is missing" if field is None else "is no table", USUAL_HOURS_IN_WORDS)
        return USUAL_HOURS
    reading = read_opening(table)
    for key in reading.not_understood:
        entry.note(f"{field}.{key}", "is no plain span of time on a weekday", "closed then")
    if not reading.openings:
        entry.note(field, "names no hours that can be read", USUAL_HOURS_IN_WORDS)
    return reading.openings or USUAL_HOURS


def counters(place: Place, count: int) -> Iterator[LaneRecord]:
    for number in range(1, count + 1):
        yield LaneRecord(location_id=place.location.id, label=f"Schalter {number}", kind="counter")


def openings_of(place: Place) -> Iterator[OpeningRule]:
    for weekday, opens, closes in place.openings:
        yield OpeningRule(place.location.id, None, weekday, opens, closes)
