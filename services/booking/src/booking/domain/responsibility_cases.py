"""All that a missing fact can be, as far as rules tell it apart: for finding out whether it matters. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from booking.domain.house_numbers import LOWEST, HouseNumber
from booking.domain.responsibility_rules import Fact, Known, ResponsibilityRule

Rules = Sequence[ResponsibilityRule]
Case = tuple[Known, Rules]
"""What is supposed to be known, and the rules that are not out of the question then, in their order."""
_ELSEWHERE = "elsewhere"


def cases(rules: Rules, known: Known, fact: Fact) -> Iterator[Case]:
    """One for each set of values of `fact` that the rules treat alike."""
    match fact:
        case "municipality":
            named = [{key for one in rule.municipalities for key in one.keys} for rule in rules]
            yield from ((_suppose(known, municipality=name), some) for name, some in _by_name(rules, named))
        case "postcode":
            named = [set(rule.postcodes) for rule in rules]
            yield from ((_suppose(known, postcode=code), some) for code, some in _by_name(rules, named))
        case "street":
            named = [set(rule.by_street) for rule in rules]
            yield from ((_suppose(known, street=street), some) for street, some in _by_name(rules, named))
        case "house_number":
            yield from ((_suppose(known, house_number=number), rules) for number in _numbers(rules, known.street))
        case "surname":
            yield from ((_suppose(known, surname=name), some) for name, some in _by_surname(rules))


_suppose = msgspec.structs.replace


def _by_name(rules: Rules, named: Sequence[set[str]]) -> Iterator[tuple[str, Rules]]:
    """`named`: the names of each rule's condition; none: it has no such condition."""
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for position, names in enumerate(named):
        for name in names:
            positions[name].append(position)
    always = [position for position, names in enumerate(named) if not names]
    for name in [*positions, _ELSEWHERE]:
        yield name, [rules[position] for position in sorted([*always, *positions.get(name, ())])]


def _numbers(rules: Rules, street: str | None) -> list[HouseNumber]:
    """Between two bounds all odd numbers are treated alike, and all even ones."""
    here = (rule.streets if street is None else rule.by_street.get(street, ()) for rule in rules)
    sections = (section for some in here for section in some)
    bounds = {LOWEST, *(bound for section in sections for bound in section.bounds)}
    return sorted(bounds | {HouseNumber(bound.number + 1) for bound in bounds})


def _by_surname(rules: Rules) -> Iterator[tuple[str, Rules]]:
    """Between two bounds all names are treated alike. Names begin with a letter."""
    bounds = {bound for rule in rules for one in rule.surnames for bound in one.interval}
    for name in sorted({"a"} | {bound for bound in bounds if bound[:1].isalpha()}):
        yield name, [rule for rule in rules if not rule.surnames or any(one.holds(name) for one in rule.surnames)]
