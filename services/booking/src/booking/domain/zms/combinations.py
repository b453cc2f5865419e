"""Which services may share a visit (Kombinierbarkeit). Pure."""

from collections.abc import Mapping

from booking.domain.zms.entries import Entry

Combination = tuple[str, str]
"""Two ids, the smaller first."""


def combinations_of(services: Mapping[str, Entry]) -> frozenset[Combination]:
    """ZMS shows what may be added to the service that was chosen first, so one direction is enough."""
    named = {id_: _partners(entry, services) for id_, entry in services.items()}
    for id_, partners in named.items():
        for partner in sorted(partners):
            if id_ not in named[partner]:
                services[id_].note("combinable", f"{partner} does not name it in return", "combinable both ways")
    return frozenset(_ordered(id_, partner) for id_, partners in named.items() for partner in partners)


def _ordered(one: str, other: str) -> Combination:
    return (one, other) if one < other else (other, one)


def _partners(entry: Entry, services: Mapping[str, Entry]) -> set[str]:
    """Each names itself too: that is what maxQuantity says."""
    found = set(entry.ids("combinable")) - {entry.id}
    for unknown in sorted(found - services.keys()):
        entry.note("combinable", f"{unknown} is none of this export", "left out")
    return found & services.keys()
