"""Who takes a displaced visit over, by hand; and that no visit is lost to a later one, by chance."""

import random
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from tests.booking.domain.samples import NOW

from booking.domain.replanning import Colleagues, Displaced, Measure, fingerprint_of, plan_measures
from booking.domain.slots import Place, Span, span_bits

DAY = date(2026, 11, 25)


def visit(number: int, quarter: int = 0, quarters: int = 1, **changes: object) -> Displaced:
    start = datetime(2026, 11, 25, 7, 0, tzinfo=UTC) + timedelta(minutes=15 * quarter)
    known = {
        "id": UUID(int=number),
        "number": f"AAAA-{number:04}",
        "state": "confirmed",
        "lane_id": 1,
        "starts_at": start,
        "ends_at": start + timedelta(minutes=15 * quarters),
        "has_mail": True,
        "is_anybodys": True,
    }
    return Displaced(**(known | changes))  # type: ignore[arg-type] # a test's shorthand


def colleagues(of: Displaced, *lane_ids: int) -> Colleagues:
    first = int((of.starts_at - NOW.replace(day=25)).total_seconds() // 300)
    last = int((of.ends_at - NOW.replace(day=25)).total_seconds() // 300)
    return Colleagues(Place(DAY, span_bits(Span(first, last))), lane_ids)


def outcomes(measures: list[Measure]) -> dict[int, str | int]:
    return {measure.visit.id.int: measure.lane_id or measure.outcome for measure in measures}


def test_a_colleague_who_is_free_takes_it_over() -> None:
    one = visit(1)
    assert outcomes(plan_measures([one], {one.id: colleagues(one, 3, 2)})) == {1: 3}


def test_one_colleague_cannot_take_two_at_once_but_one_after_the_other() -> None:
    one, beside, after = visit(1), visit(2), visit(3, 1)
    plan = plan_measures([after, beside, one], {each.id: colleagues(each, 2) for each in (one, beside, after)})
    assert outcomes(plan) == {1: 2, 2: "offer_rebooking", 3: 2}
    assert [measure.visit.id.int for measure in plan] == [1, 2, 3]


def test_who_has_fewer_to_go_to_is_placed_first() -> None:
    many, few = visit(1), visit(2)
    assert outcomes(plan_measures([many, few], {many.id: colleagues(many, 2, 3), few.id: colleagues(few, 2)})) == {
        1: 3,
        2: 2,
    }


def test_a_later_visit_pushes_an_earlier_one_to_another_colleague_but_never_off() -> None:
    early, late = visit(1, 0, 2), visit(2, 1, 2)
    options = {early.id: colleagues(early, 2, 3), late.id: colleagues(late, 2)}
    assert outcomes(plan_measures([early, late], options)) == {1: 3, 2: 2}
    options = {early.id: colleagues(early, 2), late.id: colleagues(late, 2)}
    assert outcomes(plan_measures([early, late], options)) == {1: 2, 2: "offer_rebooking"}


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "offer_rebooking"),
        ({"has_mail": False}, "call"),
        ({"state": "checked_in"}, "call"),
        ({"state": "held", "has_mail": False}, "cancel"),
        ({"state": "awaiting_payment"}, "cancel"),
        ({"state": "held", "is_anybodys": False, "has_mail": False}, "let_go"),
    ],
)
def test_without_a_colleague(changes: dict[str, object], outcome: str) -> None:
    assert outcomes(plan_measures([visit(1, **changes)], {})) == {1: outcome}


def test_a_freed_slot_is_given_to_nobody() -> None:
    slot = visit(1, state="held", is_anybodys=False)
    assert outcomes(plan_measures([slot], {slot.id: colleagues(slot, 2)})) == {1: "let_go"}


def test_the_fingerprint_tells_another_plan() -> None:
    one = visit(1)
    plans = [
        plan_measures([one], {}),
        plan_measures([one], {one.id: colleagues(one, 2)}),
        plan_measures([visit(1, quarter=1)], {}),
        plan_measures([], {}),
    ]
    assert len({fingerprint_of(plan) for plan in plans}) == 4
    assert fingerprint_of(plans[0]) == fingerprint_of(plan_measures([one], {}))


def test_by_chance_nobody_is_placed_twice_and_the_earliest_are_as_many_as_possible() -> None:
    """Against all placements there are: of visits at one time, as many as can be; and two never overlap."""
    chance = random.Random(1)
    for _ in range(300):
        visits = [visit(number, chance.randrange(3), chance.choice((1, 2))) for number in range(1, 6)]
        options = {each.id: colleagues(each, *chance.sample((2, 3, 4), chance.randrange(4))) for each in visits}
        placed = {m.visit.id: m.lane_id for m in plan_measures(visits, options) if m.lane_id}
        assert _is_sound(placed, options)
        equal = [each for each in visits if (each.starts_at, each.ends_at) == (visits[0].starts_at, visits[0].ends_at)]
        alone = plan_measures(equal, options)
        assert sum(m.lane_id is not None for m in alone) == _most([options[each.id].lane_ids for each in equal])


def _is_sound(placed: dict[UUID, int], options: dict[UUID, Colleagues]) -> bool:
    pairs = [(one, other) for one, other in product(placed, placed) if one < other and placed[one] == placed[other]]
    return all(lane in options[id_].lane_ids for id_, lane in placed.items()) and not any(
        options[one].place.bits & options[other].place.bits for one, other in pairs
    )


def _most(lanes: list[object]) -> int:
    """By trying everything."""
    ways = product(*[[None, *each] for each in lanes])  # type: ignore[misc] # lists of lanes
    return max(
        sum(lane is not None for lane in way)
        for way in ways
        if len([lane for lane in way if lane]) == len({lane for lane in way if lane})
    )
