"""Which lane gets a visit: fairly, and so that little of the day is lost in gaps too short to sell."""

import random
from typing import NamedTuple

import pytest

from booking.domain.errors import SlotTaken
from booking.domain.lanes import SAMPLE, Candidate, choose_lanes, fairest_first, some_lanes
from booking.domain.slots import STEPS, Span, bits_of, grid, run_starts, set_steps, span_bits, steps_beside

OPEN = bits_of([Span(96, 144), Span(150, 192)])
"""08:00 to 12:00 and 12:30 to 16:00."""
LENGTHS = (3, 3, 3, 3, 4, 5, 5, 6, 6, 9)
"""Steps that a citizen's visit takes: mostly a quarter of an hour, some with a second person, some long."""
PATIENCE = 24
"""Steps by which a citizen gives way from the time that suits best."""


def candidate(lane_id: int, load: int, loose: int = 2, *, is_free: bool = True) -> Candidate:
    return Candidate(lane_id, load, loose, is_open=True, is_free=is_free)


def test_the_less_loaded_lane_comes_first() -> None:
    lanes = [candidate(1, 70), candidate(2, 0, is_free=False), candidate(3, 20)]
    assert [lane.lane_id for lane in fairest_first(lanes)] == [3, 1]


def test_among_equally_loaded_lanes_a_gap_is_filled_before_one_is_made() -> None:
    lanes = [candidate(1, 1, 2), candidate(2, 23, 0), candidate(3, 10, 1), candidate(4, 24, 0)]
    assert [lane.lane_id for lane in fairest_first(lanes)] == [2, 3, 1, 4]


def test_the_responsible_clerk_comes_first_and_then_the_deputy() -> None:
    lanes = [candidate(1, 0), candidate(2, 50), candidate(3, 90)]
    assert [lane.lane_id for lane in fairest_first(lanes, [3, 3, 2])] == [3, 2, 1]


def test_one_lane_of_each_group_or_none() -> None:
    rooms = [candidate(8, 0, is_free=False), candidate(9, 5)]
    assert choose_lanes([[candidate(1, 0)], rooms], []) == [1, 9]
    with pytest.raises(SlotTaken):
        choose_lanes([[candidate(1, 0)], rooms[:1]], [])


def test_a_few_lanes_are_some_of_all_and_few_are_all() -> None:
    assert some_lanes((1, 2, 3)) == (1, 2, 3)
    some = some_lanes(range(40), [39])
    assert some[0] == 39
    assert len(set(some[1:])) == SAMPLE
    assert set(some) <= set(range(40))


class Day(NamedTuple):
    lanes: int
    demand: float
    """What citizens ask for, in parts of what the day has."""


@pytest.mark.parametrize("day", [Day(1, 1.0), Day(3, 0.9), Day(3, 1.3), Day(10, 0.9), Day(10, 1.3)], ids=str)
def test_gaps_cost_at_most_two_percent_of_the_best_that_could_be_sold(day: Day) -> None:
    """The best: the same citizens, if visits could change lanes at any time, so that no gap were ever lost."""
    random.seed(1)
    seeds = range(200 // (day.lanes + 2))
    sold = sum(sell(day, seed) for seed in seeds)
    best = sum(sell_at_best(day, seed) for seed in seeds)
    assert sold >= 0.98 * best, f"{100 - 100 * sold / best:.1f} % lost"


def citizens(day: Day, seed: int) -> list[tuple[int, int]]:
    """How long each needs, and which step suits best."""
    rng, asked, found = random.Random(seed), 0, []
    while asked < day.demand * day.lanes * OPEN.bit_count():
        found.append((rng.choice(LENGTHS), rng.randrange(96, 192)))
        asked += found[-1][0]
    return found


def nearest(starts: int, wish: int) -> int | None:
    near = [step for step in set_steps(starts & grid(15)) if abs(step - wish) <= PATIENCE]
    return min(near, key=lambda step: abs(step - wish), default=None)


def sell(day: Day, seed: int) -> int:
    free, sold = [OPEN] * day.lanes, 0
    for length, wish in citizens(day, seed):
        starts = 0
        for mask in free:
            starts |= run_starts(mask, length)
        start = nearest(starts, wish)
        if start is not None:
            bits = span_bits(Span(start, start + length))
            few = some_lanes(range(day.lanes))
            chosen = choose([(lane, free[lane]) for lane in few], bits) or choose(list(enumerate(free)), bits)
            free[chosen[0].lane_id] &= ~bits
            sold += length
    return sold


def choose(masks: list[tuple[int, int]], bits: int) -> list[Candidate]:
    return fairest_first(
        [
            Candidate(
                lane_id,
                (OPEN & ~free).bit_count(),
                (free & steps_beside(bits)).bit_count(),
                is_open=True,
                is_free=free & bits == bits,
            )
            for lane_id, free in masks
        ]
    )


def sell_at_best(day: Day, seed: int) -> int:
    taken, free, sold = [0] * STEPS, OPEN, 0
    for length, wish in citizens(day, seed):
        start = nearest(run_starts(free, length), wish)
        if start is not None:
            for step in range(start, start + length):
                taken[step] += 1
                if taken[step] == day.lanes:
                    free &= ~span_bits(Span(step, step + 1))
            sold += length
    return sold
