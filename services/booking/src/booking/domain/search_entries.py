"""What a search can find, as it is kept for finding: folded phrases, and words of what it belongs to. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal
from uuid import UUID

import msgspec

from booking.domain.folding import fold, search_key

Kind = Literal["service", "location", "function"]


class ServiceText(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    name_en: str
    synonyms: tuple[str, ...]
    life_situations: tuple[str, ...]
    units: tuple[str, ...]


class LocationText(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    street: str
    postcode: str
    city: str
    units: tuple[str, ...]


class ClerkText(msgspec.Struct, frozen=True):
    name: str
    function: str
    unit: str
    location_id: UUID | None
    location: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    id: UUID | None
    """Null for what has no row of its own: a function, an office in a building."""
    name: str
    unit: str = ""
    clerk: str | None = None
    location_id: UUID | None = None
    phrases: tuple[str, ...]
    """What it is called, in any language."""
    context: str
    """Words of what it belongs to."""

    @property
    def sort_key(self) -> str:
        return fold(self.name)

    @property
    def words(self) -> str:
        return search_key(*self.phrases)


def entry_of_service(service: ServiceText) -> Entry:
    return Entry(
        kind="service",
        id=service.id,
        name=service.name,
        phrases=_phrases(service.name, service.name_en, *service.synonyms),
        context=search_key(*service.life_situations, *service.units),
    )


def entries_of_location(location: LocationText) -> list[Entry]:
    """The building, and each office in it: people look for either."""
    address = (location.street, location.postcode, location.city)
    return [
        Entry(
            kind="location",
            id=location.id,
            name=location.name,
            location_id=location.id,
            phrases=_phrases(location.name, location.street),
            context=search_key(*address),
        ),
        *(
            Entry(
                kind="location",
                id=None,
                name=unit,
                location_id=location.id,
                phrases=_phrases(unit),
                context=search_key(location.name, *address),
            )
            for unit in location.units
        ),
    ]


def entries_of_clerks(clerks: Iterable[ClerkText], *, with_names: bool) -> list[Entry]:
    """A function is found once for all who have it in a unit; by name only where names are published."""
    together: defaultdict[tuple[str, str, str | None], list[ClerkText]] = defaultdict(list)
    for clerk in clerks:
        if clerk.function:
            together[clerk.function, clerk.unit, clerk.name if with_names else None].append(clerk)
    return [
        Entry(
            kind="function",
            id=None,
            name=function,
            unit=unit,
            clerk=name,
            location_id=some[0].location_id,
            phrases=_phrases(function, *([name] if name else [])),
            context=search_key(unit, some[0].location),
        )
        for (function, unit, name), some in together.items()
    ]


def _phrases(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(folded for text in texts if (folded := fold(text))))
