"""What an export says and booking has no place for: one note a field, so that nobody misses it later. Pure."""

from collections import Counter
from collections.abc import Mapping

from booking.domain.zms.entries import Entry
from booking.domain.zms.locations import HOURS_FIELDS
from booking.domain.zms.notes import Kind, Note

_OF_SERVICES = ("id", "name", "locations", "leika", "public", "maxQuantity", "duration", "combinable", "fees", "meta")
_OF_LOCATIONS = ("id", "name", "displayName", "organizationUnit", "address", "public", "services", "slotTimeInMinutes")
_READ: Mapping[Kind, frozenset[str]] = {
    "service": frozenset({*_OF_SERVICES, "topics", "requirements"}),
    "location": frozenset({*_OF_LOCATIONS, "dontShowByServices", "allowDisabledServicesMix", *HOURS_FIELDS}),
}
_LINKS_ONLY = "only links into the other system"
_WHY: Mapping[str, str] = {
    "description": "booking shows no description of a service",
    "links": "booking shows no links of a service",
    "forms": "booking shows no forms of a service",
    "appointment": _LINKS_ONLY,
    "authorities": "booking knows offices, not authorities",
    "authority": "booking knows offices, not authorities",
    "showOnStartPage": "booking finds services by search",
    "displayNameAlternatives": "a location has one name",
    "organization": "the tenant is the organisation",
    "geo": "booking has no map",
    "meta": "says nothing more of a location",
    "contact": "mails come from the tenant",
    "showAlternativeLocations": "citizens choose among all locations",
    "forceSlotTimeUpdate": "booking has no slots of a fixed length",
    "prio": "locations are listed by name",
    "sharedBookingOfficeIds": "locations do not share counters",
}


def note_ignored(services: Mapping[str, Entry], locations: Mapping[str, Entry], notes: list[Note]) -> None:
    parts: tuple[tuple[Kind, Mapping[str, Entry]], ...] = (("service", services), ("location", locations))
    for kind, entries in parts:
        said = Counter(key for entry in entries.values() for key in entry.keys() if entry.has(key))  # noqa: SIM118 - no dict
        for field, count in sorted(said.items()):
            if field not in _READ[kind]:
                why = _WHY.get(field, "is not known here")
                notes.append(Note("export", kind, f"{count} entries", field[:200], why, "left out"))
