"""Spans of time: merged, cut, and told apart from our own visits."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from booking.domain.busy import Busy, Entry, merge, not_ours, touched_runs

DAY = datetime(2027, 3, 29, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ALL = Busy(DAY - timedelta(days=9), DAY + timedelta(days=9))


def at(start_h: float, end_h: float) -> Busy:
    return Busy(DAY + timedelta(hours=start_h), DAY + timedelta(hours=end_h))


def test_what_overlaps_or_touches_is_one() -> None:
    assert merge([at(10, 11), at(8, 9), at(9, 10), at(8, 8.5), at(12, 13)], ALL) == [at(8, 11), at(12, 13)]


def test_what_lies_outside_is_cut() -> None:
    assert merge([at(-5, 1), at(3, 9), at(10, 11)], at(0, 4)) == [at(0, 1), at(3, 4)]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 8)), max_size=20))
def test_merged_spans_take_the_same_time_and_never_touch(drawn: list[tuple[int, int]]) -> None:
    spans = [at(start, start + length) for start, length in drawn]
    merged = merge(spans, ALL)
    assert all(earlier.ends_at < later.starts_at for earlier, later in pairwise(merged))
    for hour in range(50):
        inside = at(hour + 0.5, hour + 0.6)
        taken = [any(span.starts_at <= inside.starts_at < span.ends_at for span in each) for each in (spans, merged)]
        assert taken[0] == taken[1]


def test_our_own_visits_do_not_block_twice() -> None:
    id_ = UUID(int=7)
    entries = [
        Entry(f"{str(id_).upper()}@town.example", at(8, 9)),
        Entry("hidden", at(9, 10)),
        Entry("another", at(9, 10.5)),
    ]
    visits = {id_: at(8, 9), UUID(int=8): at(9, 10)}
    assert not_ours(entries, [id_], visits) == [at(9, 10.5)]


def test_an_own_appointment_at_the_time_of_a_visit_blocks() -> None:
    id_ = UUID(int=7)
    ours, own = Entry(f"{id_}@town.example", at(8, 9)), Entry("dentist", at(8, 9))
    assert not_ours([ours, own], [id_], {id_: at(8, 9)}) == [at(8, 9)]
    assert not_ours([own, own], [], {id_: at(8, 9)}) == [at(8, 9)], "one of them is the visit"
    assert not_ours([ours, own], [id_], {}) == [at(8, 9)], "the visit is called off"


def test_only_days_on_which_something_changed_are_touched() -> None:
    kept, gone, new = at(8, 9), at(30, 31), at(-22, -20)
    over_midnight = at(21.5, 22.5)  # 23:30 to 00:30 in Berlin
    assert touched_runs([kept, gone], [kept, new], BERLIN) == [
        (date(2027, 3, 28), date(2027, 3, 28)),
        (date(2027, 3, 30), date(2027, 3, 30)),
    ]
    assert touched_runs([], [over_midnight], BERLIN) == [(date(2027, 3, 29), date(2027, 3, 30))]
    assert touched_runs([kept], [kept], BERLIN) == []
