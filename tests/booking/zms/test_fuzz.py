"""Exports with fields dropped and mangled: never a crash, never a row that the database would refuse, always a note."""

from copy import deepcopy
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.booking.sample import profile
from tests.booking.zms import sample

from booking.domain.configuration import Configuration
from booking.domain.zms.configuration import Choices, Import, configuration_of_export

Path = tuple[str | int, ...]
NASTY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=True),
    st.text(max_size=300),
    st.sampled_from(["\0", "\ud800", "<b>", "99", "0", "-1", "  ", "x" * 5000, "=1+1", "10-12 Uhr", "5 Euro"]),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=5)), max_size=3),
    st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.integers(), st.text(max_size=5)), max_size=3),
)


def paths_in(value: Any, path: Path = ()) -> list[Path]:
    found = [path] if path else []
    if isinstance(value, dict):
        found += [inner for key, part in value.items() for inner in paths_in(part, (*path, key))]
    if isinstance(value, list):
        found += [inner for index, part in enumerate(value) for inner in paths_in(part, (*path, index))]
    return found


def at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


WHOLE = {"services": sample.services(), "locations": sample.locations()}
PATHS = paths_in(WHOLE)
DROP = object()


def mangled(changes: list[tuple[Path, Any]]) -> Any:
    whole = deepcopy(WHOLE)
    for path, value in sorted(changes, key=lambda change: -len(change[0])):
        holder = at(whole, path[:-1])
        if value is DROP:
            holder.pop(path[-1])
        else:
            holder[path[-1]] = value
    return whole


def read(whole: Any) -> Import:
    return configuration_of_export(whole.get("services"), whole.get("locations"), profile(), 0, Choices())


def check(configuration: Configuration) -> None:
    """What the constraints of the database ask for."""
    assert configuration.rules is not None
    texts: list[str] = []
    for service in configuration.services.values():
        assert 0 < len(service.name) <= 200
        assert service.fee_kind == ("fixed" if service.fees else service.fee_kind)
        assert service.combines_with <= configuration.services.keys()
        texts += [service.name, *service.synonyms, *service.documents, *service.life_situations, service.leika or ""]
    for offering in configuration.offerings.values():
        assert offering.service_id in configuration.services
        assert offering.location_id in configuration.locations
        assert offering.unit_id in configuration.units
        assert offering.served_by <= configuration.lanes.keys()
        assert 0 < offering.duration_min <= 480
        assert offering.duration_min % 5 == 0
        assert 1 <= offering.max_quantity <= 20
    for place in configuration.locations.values():
        texts += [place.name, place.street, place.postcode, place.city]
    for unit in configuration.units.values():
        assert unit.parent_id is None or unit.parent_id in configuration.units
        texts.append(unit.name)
    for rule in configuration.rules.opening:
        assert rule.location_id in configuration.locations
        assert rule.closes is None or rule.closes > rule.opens
    assert all("\0" not in text for text in texts)
    for table in (configuration.services, configuration.locations, configuration.units):
        names = [row.name for row in table.values()]
        assert len(set(names)) == len(names)
    "".join(texts).encode()  # no halves of a pair


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PATHS), NASTY), min_size=1, max_size=8, unique_by=lambda change: change[0]))
def test_mangled_fields_never_break_an_import(changes: list[tuple[Path, Any]]) -> None:
    try:
        whole = mangled(changes)
    except (KeyError, IndexError, TypeError):
        return  # an inner change lost its place to an outer one
    found = read(whole)
    check(found.configuration)
    msgspec.json.encode(found.notes)


@settings(max_examples=60, deadline=None)
@given(NASTY, NASTY)
def test_whatever_the_files_hold_is_read(services: Any, locations: Any) -> None:
    check(configuration_of_export(services, locations, profile(), 0, Choices()).configuration)


WRONG: dict[str, Any] = {
    "services": {"public": "maybe", "maxQuantity": {}, "duration": "long", "combinable": 5, "locations": "all"}
    | {"name": [], "id": {}, "fees": [], "leika": {}, "meta": 7},
    "locations": {"public": "perhaps", "name": {}, "address": "Seestraße 3", "services": 3, "opening_times": "morgens"}
    | {"id": None, "displayName": [1], "slotTimeInMinutes": "five", "dontShowByServices": True},
}


def test_each_field_of_a_wrong_type_has_a_line_in_the_report() -> None:
    for part, wrong in WRONG.items():
        for field, value in wrong.items():
            changes = [((part, "data", 0, field), value), (("locations", "data", 0, "services", 0, "duration"), None)]
            if field == "slotTimeInMinutes":
                changes.append((("services", "data", 0, "duration"), None))
            noted = {note.field.partition(".")[0] for note in read(mangled(changes)).notes}
            assert field in noted, (part, field)


def test_each_field_that_is_missing_is_noted_or_may_be_left_out() -> None:
    """What may: texts that nobody must give, and flags and minutes that another field gives."""
    optional = {"leika", "meta", "description", "requirements", "topics", "displayName", "organizationUnit", "contact"}
    optional |= {"public", "slotTimeInMinutes", "locations", "services"}
    before = set(read(WHOLE).notes)
    for part in ("services", "locations"):
        for field in WHOLE[part]["data"][0].keys() - optional:
            changes = [((part, "data", 0, field), DROP)]
            if field == "duration":
                changes += [(("locations", "data", 0, "services", 0, "duration"), DROP)]
                changes += [(("locations", "data", 0, "slotTimeInMinutes"), DROP)]
            noted = set(read(mangled(changes)).notes) - before
            assert noted or (part, field) == ("locations", "name"), field  # its display name will do
