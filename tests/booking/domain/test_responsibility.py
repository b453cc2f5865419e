"""Who is responsible, by hand-written cases and by all surnames there can be."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.booking.domain.rules import answer, ask, rule

from booking.domain.citizen_facts import CitizenFacts, read_facts
from booking.domain.errors import Invalid
from booking.domain.folding import surname_key
from booking.domain.house_numbers import HouseNumber
from booking.domain.responsibility import decide
from booking.domain.responsibility_rules import FACTS, Known, ResponsibilityRule

ALPHABET = [
    rule("A–K", surnames=[("A", "K")]),
    rule("L–Sb", surnames=[("L", "Sb")]),
    rule("Sch–Sz", surnames=[("Sc", "Sz")]),
    rule("T–Z", surnames=[("T", "Z")]),
]


@pytest.mark.parametrize(
    ("surname", "name"),
    [
        ("Claessen", "A–K"),
        ("Köhler", "A–K"),
        ("Kzzz", "A–K"),
        ("Łukasz", "L–Sb"),
        ("von der Heide", "A–K"),
        ("van den Berg", "A–K"),
        ("McArthur", "L–Sb"),
        ("Österreich", "L–Sb"),
        ("Sander", "L–Sb"),
        ("Schmitz", "Sch–Sz"),
        ("Stüßgen", "Sch–Sz"),
        ("Süß", "Sch–Sz"),
        ("Übach", "T–Z"),
        ("Çelik", "A–K"),
        ("Zyla", "T–Z"),
    ],
)
def test_german_surnames_find_their_range(surname: str, name: str) -> None:
    assert answer(ALPHABET, surname=surname) == name


letters = st.text("abcdefghijklmnopqrstuvwxyzäöüßéçłøŞZÄ -'", max_size=12)
surnames = st.builds(
    "{}{}{}".format, st.sampled_from(["", "von ", "van der ", "de "]), st.sampled_from("AKMSZÖŁØb"), letters
)
cut = st.builds("{}{}".format, st.text("abcdefghijklmnopqrstuvwxyz", max_size=3), st.sampled_from("bcdehkmsxy"))
cuts = st.sets(cut.filter(lambda text: text > "a" * len(text)), max_size=6).map(sorted)


@given(surnames, cuts)
def test_every_surname_fits_exactly_one_range_of_a_partition(surname: str, bounds: list[str]) -> None:
    lasts = [cut[:-1] + chr(ord(cut[-1]) - 1) for cut in bounds]  # the last letters before the cut
    ranges = zip(["A", *bounds], [*lasts, "Z"], strict=True)
    rules = [rule(f"{first}-{last}", surnames=[(first, last)]) for first, last in ranges]
    key = surname_key(surname)
    found = [one for one in rules if one.surnames[0].holds(key)]
    assert len(found) == 1
    assert answer(rules, surname=surname) == found[0].name
    assert answer(rules) == (("surname",) if bounds else rules[0].name)


BORDER = [
    rule("Nord", streets=[{"street": "Aachener Straße", "side": "odd"}, {"street": "Markt"}]),
    rule("Süd", streets=[{"street": "Aachener Straße", "side": "even", "to": "100"}]),
    rule("West", streets=[{"street": "Aachener Straße", "side": "even", "from": "102", "to": "118"},
                          {"street": "Ringstraße", "from": "12a"}]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("street", "number", "name"),
    [
        ("Aachener Straße", "1", "Nord"),
        ("aachener str.", "99b", "Nord"),
        ("Aachener Straße", "2", "Süd"),
        ("Aachener Straße", "100a", "Süd"),
        ("Aachener Straße", "101", "Nord"),
        ("Aachener Straße", "102", "West"),
        ("Aachener Straße", "118c", "West"),
        ("Aachener Straße", "120", "unit"),
        ("Markt", "7", "Nord"),
        ("Ringstraße", "12", "unit"),
        ("Ringstraße", "12a", "West"),
        ("Ringstraße", "13", "West"),
        ("Feldweg", "1", "unit"),
    ],
)
def test_a_street_on_the_border_of_districts(street: str, number: str, name: str) -> None:
    assert answer(BORDER, street=street, house_number=number) == name


def test_a_house_number_is_asked_for_on_a_divided_street_only() -> None:
    assert answer(BORDER) == ("street", "house_number")
    assert answer(BORDER, street="Aachener Straße") == ("house_number",)
    assert answer(BORDER, street="Markt") == "Nord"
    assert answer(BORDER, street="Feldweg") == "unit"


COUNTY = [
    rule("Gangelt A–K", priority=10, municipalities=[{"name": "Gangelt", "ars": "053700008008"}],
         surnames=[("A", "K")]),
    rule("Gangelt L–Z", priority=10, municipalities=[{"name": "Gangelt", "ars": "053700008008"}],
         surnames=[("L", "Z")]),
    rule("Selfkant", priority=10, municipalities=[{"name": "Selfkant"}]),
]  # fmt: skip


def test_what_is_asked_depends_on_what_was_said() -> None:
    assert answer(COUNTY) == ("municipality", "surname")
    assert answer(COUNTY, municipality="Gangelt") == ("surname",)
    assert answer(COUNTY, municipality="Selfkant") == "Selfkant"
    assert answer(COUNTY, municipality="Wegberg") == "unit"
    assert answer(COUNTY, municipality="Gangelt", surname="Claessen") == "Gangelt A–K"
    assert answer(COUNTY, surname="Claessen") == ("municipality",)


@pytest.mark.parametrize("said", ["Gangelt", "gemeinde gangelt", "053700008008", "05370008", "0537 0000 8008"])
def test_a_municipality_by_name_or_key(said: str) -> None:
    assert answer(COUNTY, municipality=said, surname="Zander") == "Gangelt L–Z"


def test_nothing_is_asked_that_cannot_change_the_answer() -> None:
    same = [rule("X", name="A–K", surnames=[("A", "K")]), rule("X", name="L–Z", surnames=[("L", "Z")])]
    assert answer(same) == "A–K", "the same clerk either way"
    covered = [rule("X", surnames=[("A", "K")], priority=5), rule("Y", surnames=[("L", "Z")], priority=5),
               rule("Z", streets=[{"street": "Markt"}])]  # fmt: skip
    assert answer(covered) == ("surname",), "no street can matter: every surname is spoken for"
    assert answer([rule("X"), rule("Y", surnames=[("A", "K")])]) == "X", "what stands behind a rule without conditions"
    assert answer([]) == "unit"


def test_priority_decides_and_then_the_order() -> None:
    rules = [rule("any"), rule("C", surnames=[("C", "C")], priority=7), rule("Cl", surnames=[("Cl", "Cl")], priority=9)]
    assert [answer(rules, surname=name) for name in ("Claessen", "Cremer", "Esser")] == ["Cl", "C", "any"]
    equal = [rule("first", surnames=[("A", "M")]), rule("second", surnames=[("K", "Z")])]
    assert [answer(equal, surname=name) for name in ("Klein", "Nolte")] == ["first", "second"]


def test_postcodes() -> None:
    rules = [rule("North", postcodes=["41812", "41836"]), rule("South", postcodes=["52525"])]
    assert answer(rules) == ("postcode",)
    assert [answer(rules, postcode=code) for code in ("41836", "52525", "10115")] == ["North", "South", "unit"]


def test_all_conditions_must_hold() -> None:
    rules = [rule("X", postcodes=["52525"], surnames=[("A", "K")], streets=[{"street": "Markt"}])]
    said = {"postcode": "52525", "surname": "Claessen", "street": "Markt"}
    assert answer(rules, **said) == "X"
    for changed in ({"postcode": "52511"}, {"surname": "Zander"}, {"street": "Ring"}):
        assert answer(rules, **(said | changed)) == "unit"
    assert answer(rules, postcode="52511") == "unit", "the other facts cannot matter any more"


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        ({"surname": "Иванов"}, ["surname"]),
        ({"surname": "..."}, ["surname"]),
        ({"surname": "4711"}, ["surname"]),
        ({"house_number": "a"}, ["house_number"]),
        ({"postcode": "5252"}, ["postcode"]),
        ({"postcode": "٥٢٥٢٥"}, ["postcode"]),
        ({"street": "!"}, ["street"]),
        ({"municipality": "?", "postcode": "x"}, ["municipality", "postcode"]),
    ],
)
def test_facts_that_cannot_be_read_are_named(facts: dict[str, str], fields: list[str]) -> None:
    with pytest.raises(Invalid) as raised:
        read_facts(CitizenFacts(**facts))
    assert [field for field, _ in raised.value.errors] == fields


def test_blank_is_not_said() -> None:
    assert read_facts(CitizenFacts(surname="  ", street="", postcode=None)) == Known()


conditions = st.fixed_dictionaries(
    {},
    optional={
        "surnames": st.lists(st.sampled_from([("A", "K"), ("L", "Z"), ("C", "M"), ("S", "Sch")]), min_size=1),
        "postcodes": st.lists(st.sampled_from(["52525", "41812"]), min_size=1, max_size=1),
        "municipalities": st.lists(st.sampled_from([{"name": "Gangelt"}, {"name": "Selfkant"}]), min_size=1),
        "streets": st.lists(st.sampled_from([{"street": "Markt"}, {"street": "Ring", "side": "odd"},
                                             {"street": "Ring", "from": "10"}, {"street": "Weg", "to": "4a"}]),
                            min_size=1, max_size=2),
    },
)  # fmt: skip
rule_lists = st.lists(st.tuples(st.sampled_from("XYZ"), conditions), max_size=4).map(
    lambda listed: [rule(target, name=f"{target}{index}", **given) for index, (target, given) in enumerate(listed)]
)


def every_citizen(rules: list[ResponsibilityRule]) -> list[Known]:
    """One of each kind that the rules can tell apart."""
    numbers = [HouseNumber(*number) for number in ((1,), (2,), (4,), (4, "b"), (9,), (10,), (11,))]
    streets, names = ("markt", "ring", "weg", "x"), ("abel", "claessen", "lang", "schmitz", "stein")
    places = product(("gangelt", "selfkant", "x"), ("52525", "41812", "00000"))
    return [
        Known(municipality=town, postcode=code, street=street, house_number=number, surname=name)
        for (town, code), street, number, name in product(places, streets, numbers, names)
    ]


@settings(max_examples=40, deadline=None)
@given(rule_lists, st.sets(st.sampled_from(FACTS)))
def test_exactly_what_can_change_the_answer_is_asked(rules: list[ResponsibilityRule], told: set[str]) -> None:
    """Against trying every kind of citizen: a fact is asked for where two who differ in it alone have two answers."""
    someone = Known(
        municipality="gangelt", postcode="52525", street="ring", house_number=HouseNumber(11), surname="lang"
    )
    known = Known(**{fact: getattr(someone, fact) for fact in told})
    citizens = [one for one in every_citizen(rules) if all(getattr(one, fact) == getattr(known, fact) for fact in told)]
    decision = decide(rules, known)
    targets = {one: _target(decide(rules, one).rule) for one in citizens}
    matters = set()
    for fact in set(FACTS) - told:
        alike: dict[object, set[object]] = {}
        for one in citizens:
            rest = tuple(getattr(one, other) for other in FACTS if other != fact)
            alike.setdefault(rest, set()).add(targets[one])
        if any(len(found) > 1 for found in alike.values()):
            matters.add(fact)
    assert set(decision.asks) == matters
    if not decision.asks:
        assert set(targets.values()) == {_target(decision.rule)}


def _target(one: ResponsibilityRule | None) -> object:
    return one.target if one else None


def test_the_rule_that_decides_stands_in_the_decision() -> None:
    decision = ask(ALPHABET, surname="Claessen")
    assert (decision.asks, decision.rule) == ((), ALPHABET[0])
