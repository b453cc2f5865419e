"""Which services may share a visit (Kombinierbarkeit). Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from uuid import UUID

from booking.domain.zms.entries import Entry
from booking.domain.zms.services import Naming


def combinations_of(services: Mapping[str, Entry], naming: Naming) -> dict[str, frozenset[UUID]]:
    """For each service those that it may share a visit with, itself among them; none where nothing is said.

    Both ways: ZMS shows what may be added to the service that was chosen first, so one direction is enough.
    """
    named = {id_: _partners(entry, services) for id_, entry in services.items()}
    found: defaultdict[str, set[UUID]] = defaultdict(set)
    for one, other in _pairs(named, services):
        found[one] |= {naming.service_id(one), naming.service_id(other)}
        found[other] |= {naming.service_id(one), naming.service_id(other)}
    return {id_: frozenset(partners) for id_, partners in found.items()}


def _pairs(named: Mapping[str, set[str] | None], services: Mapping[str, Entry]) -> Iterator[tuple[str, str]]:
    for id_, partners in named.items():
        for partner in sorted(partners or ()):
            if id_ not in (named[partner] or (id_,)):
                services[id_].note("combinable", f"{partner} does not name it in return", "combinable both ways")
            yield id_, partner


def _partners(entry: Entry, services: Mapping[str, Entry]) -> set[str] | None:
    """Null where nothing is said. With itself, always."""
    if not entry.has("combinable"):
        entry.note("combinable", "is missing", "combinable with every service of the location that does not say else")
        return None
    found = set(entry.ids("combinable"))
    for unknown in sorted(found - services.keys()):
        entry.note("combinable", f"{unknown} is none of this export", "left out")
    return (found & services.keys()) | {entry.id}
