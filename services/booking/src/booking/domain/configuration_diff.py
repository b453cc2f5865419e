"""What changes from one configuration to another: as rows to write, and in words for who decides about it. Pure."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, Literal, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from booking.domain.configuration import Configuration, LaneKey
from booking.domain.fees import Fee
from booking.domain.responsibility_rules import ResponsibilityRule

_DERIVED = frozenset({"letter", "sort_key", "search_key"})
"""Made of the name and the synonyms: written, and no news to people."""

K = TypeVar("K", bound=Hashable)
R = TypeVar("R", bound=msgspec.Struct)
Names = Mapping[Hashable, str]
"""What people call what is known by an id."""
Verb = Literal["added", "changed", "retired"]


class Part(NamedTuple, Generic[K, R]):
    """Of one table: what differs, by key."""

    added: Mapping[K, R]
    changed: Mapping[K, R]
    """As it shall be."""
    retired: Mapping[K, R]

    @property
    def written(self) -> list[R]:
        return [*self.added.values(), *self.changed.values()]

    @property
    def cleared(self) -> list[K]:
        """What makes room before anything is written: also what changes, so that two rows may swap their names."""
        return [*self.retired, *self.changed]


class ChangedField(msgspec.Struct, frozen=True):
    field: str
    before: str
    after: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the answer to "what would this do?"."""

    verb: Verb
    kind: str
    name: str
    fields: tuple[ChangedField, ...] = ()


def compare(before: Mapping[K, R], after: Mapping[K, R]) -> Part[K, R]:
    return Part(
        added={key: row for key, row in after.items() if key not in before},
        changed={key: row for key, row in after.items() if key in before and before[key] != row},
        retired={key: row for key, row in before.items() if key not in after},
    )


def changes(before: Configuration, after: Configuration, names: Names) -> list[Change]:
    """All changes in words but those of rules; none if the two say the same."""
    return [
        *_of_tenant(before, after),
        *_of_part("office", before.units, after.units, names),
        *_of_part("location", before.locations, after.locations, names),
        *_of_part("clerk", before.clerks, after.clerks, names),
        *_of_part("lane", before.lanes, after.lanes, names),
        *_of_part("service", before.services, after.services, names),
        *_of_part("offering", before.offerings, after.offerings, names),
        *_of_responsibility(before.responsibility or (), after.responsibility, names),
    ]


def _of_tenant(before: Configuration, after: Configuration) -> Iterator[Change]:
    assert after.profile is not None
    if before.profile is None:
        yield Change(verb="added", kind="tenant", name=after.profile.name)
    elif (before.profile, before.position) != (after.profile, after.position):
        old = msgspec.to_builtins(before.profile) | {"position": before.position}
        new = msgspec.to_builtins(after.profile) | {"position": after.position}
        yield Change(verb="changed", kind="tenant", name=after.profile.name, fields=tuple(_fields(old, new, {})))


def names_of(configuration: Configuration) -> dict[Hashable, str]:
    """What people call what is known by an id."""
    names: dict[Hashable, str] = {unit.id: unit.name for unit in configuration.units.values()}
    names |= {location.id: location.name for location in configuration.locations.values()}
    names |= {clerk.id: clerk.display_name for clerk in configuration.clerks.values()}
    names |= {service.id: service.name for service in configuration.services.values()}
    names |= {lane.key: lane.label or names.get(lane.clerk_id, "?") for lane in configuration.lanes.values()}
    for offering in configuration.offerings.values():
        names[offering.id] = f"{names[offering.service_id]} @ {names[offering.location_id]}"
    return names


def _of_part(kind: str, before: Mapping[K, R], after: Mapping[K, R], names: Names) -> Iterator[Change]:
    part = compare(before, after)
    for key in part.added:
        yield Change(verb="added", kind=kind, name=_name_of(key, names))
    for key, row in part.changed.items():
        old, new = (msgspec.structs.asdict(one) for one in (before[key], row))
        yield Change(verb="changed", kind=kind, name=_name_of(key, names), fields=tuple(_fields(old, new, names)))
    for key in part.retired:
        yield Change(verb="retired", kind=kind, name=_name_of(key, names))


def _of_responsibility(
    before: Sequence[ResponsibilityRule], after: Sequence[ResponsibilityRule] | None, names: Names
) -> list[Change]:
    if after is None or tuple(before) == tuple(after):
        return []
    old, new = ({rule.id: rule for rule in rules} for rules in (before, after))
    named: dict[Hashable, str] = dict(names)
    named |= {rule.id: rule.name for rule in (*before, *after)}
    found = list(_of_part("responsibility", old, new, named))
    return found or [Change(verb="changed", kind="responsibility", name="the order of the rules")]


def _name_of(key: Hashable, names: Names) -> str:
    name = names.get(key, "?")
    return f"{name} @ {names.get(key.location_id, '?')}" if isinstance(key, LaneKey) else name


def _fields(old: Mapping[str, object], new: Mapping[str, object], names: Names) -> Iterator[ChangedField]:
    for field, value in new.items():
        if old[field] != value and field not in _DERIVED:
            yield ChangedField(field, in_words(old[field], names), in_words(value, names))


def in_words(value: object, names: Names) -> str:
    match value:
        case None | "" | () | frozenset():
            return "–" if not value else ", ".join(sorted(in_words(one, names) for one in value))
        case UUID() | LaneKey():
            return _name_of(value, names)
        case Fee():
            return _fee_in_words(value)
        case dict():
            return ", ".join(f"{key} {in_words(one, names)}" for key, one in value.items())
        case tuple() | list():
            return "; ".join(in_words(one, names) for one in value)
        case _:
            return str(value)


def _fee_in_words(fee: Fee) -> str:
    amount = f"{fee.amount_cents // 100}.{fee.amount_cents % 100:02} EUR"
    return f"{amount} from {fee.valid_from}" if fee.valid_from else amount


def summary(found: Collection[Change]) -> str:
    """Such as "service changed: 2, clerk retired: 1"."""
    counts = Counter((change.kind, change.verb) for change in found)
    return ", ".join(f"{kind} {verb}: {count}" for (kind, verb), count in counts.items()) or "nothing changes"


def as_text(found: Iterable[Change]) -> list[str]:
    """Lines for a terminal."""
    signs = {"added": "+", "changed": "~", "retired": "-"}
    return [f"  {signs[change.verb]} {change.kind} {change.name}{_fields_as_text(change)}" for change in found]


def _fields_as_text(change: Change) -> str:
    if not change.fields:
        return ""
    return ": " + "; ".join(f"{one.field} {one.before} → {one.after}" for one in change.fields)
