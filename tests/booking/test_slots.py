from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import or_
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.opening_hours import Timetable
from booking.domain.rule_set import OpeningRule, RuleSet
from booking.domain.slots import (
    FULL,
    STEPS,
    Span,
    bits_of,
    changed_bits,
    clock_time,
    grid,
    instant_of,
    local_step,
    place_of,
    run_starts,
    set_steps,
    span_bits,
    steps_of,
)
from booking.store.bits import from_bit, from_sent, starts_of_any, to_bit

BERLIN = ZoneInfo("Europe/Berlin")
SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)
masks = st.integers(0, FULL)
lengths = st.integers(1, STEPS)


@given(masks, lengths)
def test_runs_are_found_as_by_counting(free: int, length: int) -> None:
    text = f"{free:0{STEPS}b}"
    expected = [step for step in range(STEPS) if text[step : step + length] == "1" * length]
    assert list(set_steps(run_starts(free, length))) == expected


@given(
    st.lists(masks | st.builds(lambda hole: FULL ^ 1 << hole, st.integers(0, STEPS - 1)), min_size=1, max_size=9),
    lengths,
)
def test_runs_in_many_masks_at_once_are_those_of_each(lanes: list[int], length: int) -> None:
    sent = b"".join(STEPS.to_bytes(4, "big") + to_bit(free).bytes for free in lanes)
    assert starts_of_any(sent, length) == reduce(or_, (run_starts(free, length) for free in lanes))


@given(st.lists(st.integers(0, STEPS - 1), unique=True))
def test_steps_set_are_the_steps_found(steps: list[int]) -> None:
    assert list(set_steps(bits_of(Span(step, step + 1) for step in steps))) == sorted(steps)


@given(masks)
def test_masks_come_back_from_the_database_as_they_went(mask: int) -> None:
    assert from_bit(to_bit(mask)) == mask
    assert from_sent(STEPS.to_bytes(4, "big") + to_bit(mask).bytes) == mask


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(0, STEPS - 1))
def test_a_step_is_one_instant_and_back_but_for_the_hours_that_change(day: date, step: int) -> None:
    if changed_bits(day, BERLIN) & span_bits(Span(step, step + 1)):
        return
    assert local_step(instant_of(day, step, BERLIN), BERLIN) == (day, step)


def test_the_first_step_is_the_highest_bit() -> None:
    assert span_bits(Span(0, 1)) == 1 << 287
    assert span_bits(Span(287, 288)) == 1
    assert [clock_time(step) for step in set_steps(span_bits(Span(100, 102)))] == ["08:20", "08:25"]


def test_a_grid_counts_from_midnight() -> None:
    assert [clock_time(step) for step in set_steps(grid(30))][:3] == ["00:00", "00:30", "01:00"]
    assert steps_of(12) == 3


@pytest.mark.parametrize(("day", "opens_utc"), [(SPRING, 11), (AUTUMN, 12), (date(2027, 7, 1), 11)])
def test_one_o_clock_is_one_o_clock_on_both_change_days(day: date, opens_utc: int) -> None:
    bits = _open(day, time(13), time(18))
    first, *_, last = set_steps(bits)
    assert instant_of(day, first, BERLIN) == datetime.combine(day, time(opens_utc), UTC)
    assert clock_time(last) == "17:55"


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_the_hour_that_comes_twice_or_never_is_closed(day: date) -> None:
    open_at_night = _open(day, time(0), None)
    closed = FULL & ~open_at_night
    assert [clock_time(step) for step in set_steps(closed)] == [f"02:{minute:02}" for minute in range(0, 60, 5)]
    assert changed_bits(day + timedelta(days=1), BERLIN) == 0


def test_a_range_that_ends_at_midnight_lies_in_its_day() -> None:
    start = instant_of(date(2026, 11, 24), 280, BERLIN)
    place = place_of(start, start + timedelta(minutes=40), BERLIN)
    assert place == (date(2026, 11, 24), span_bits(Span(280, 288)))


def _open(day: date, opens: time, closes: time | None) -> int:
    rule = OpeningRule(uuid4(), None, day.isoweekday(), opens, closes)
    return Timetable(RuleSet(opening=(rule,))).of(1, rule.location_id, "Europe/Berlin").day(day).open
