"""Small counts are hidden, and cannot be told from what is shown."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain.statistics.ambiguity import Equation, Equations, other_solution
from booking.domain.statistics.cells import CellKey, Cells, Figure
from booking.domain.statistics.figures import Key, show
from booking.domain.statistics.suppression import K, hide


def can_be_told(counts: Mapping[str, int], hidden: set[str], parts: Sequence[str]) -> bool:
    """Of one equation whose whole is shown: whether what is hidden has one solution alone.

    Who attacks knows the sum of the hidden parts, and may believe that each counts something.
    """
    unknown = [counts[part] for part in parts if part in hidden]
    all_ones = bool(unknown) and all(count == 1 for count in unknown)
    return len(unknown) == 1 or (bool(unknown) and sum(unknown) == 0) or all_ones


def test_a_single_small_count_takes_a_second_one_with_it() -> None:
    counts = {"all": 40, "a": 3, "b": 12, "c": 25}
    assert hide(counts, [Equation("all", ["a", "b", "c"])]) == {"a", "b"}


def test_small_counts_that_add_up_to_little_take_another_one_with_them() -> None:
    counts = {"all": 22, "a": 1, "b": 1, "c": 20}
    assert hide(counts, [Equation("all", ["a", "b", "c"])]) == {"a", "b", "c"}


def test_enough_small_counts_need_no_other() -> None:
    counts = {"all": 26, "a": 3, "b": 3, "c": 20}
    assert hide(counts, [Equation("all", ["a", "b", "c"])]) == {"a", "b"}


def test_ones_alone_are_mixed_with_a_nothing() -> None:
    counts = {"all": 5, "a": 1, "b": 1, "c": 1, "d": 1, "e": 1}
    hidden = hide(counts, [Equation("all", ["a", "b", "c", "d", "e", "f"])])
    assert hidden == {"a", "b", "c", "d", "e", "f"}


def test_what_is_hidden_in_one_equation_is_hidden_in_the_others() -> None:
    """A table with two rows and two columns: hiding one cell takes all four."""
    counts = {"all": 44, "r1": 13, "r2": 31, "c1": 11, "c2": 33, "11": 3, "12": 10, "21": 8, "22": 23}
    equations = [
        Equation("all", ["r1", "r2"]),
        Equation("all", ["c1", "c2"]),
        Equation("r1", ["11", "12"]),
        Equation("r2", ["21", "22"]),
        Equation("c1", ["11", "21"]),
        Equation("c2", ["12", "22"]),
    ]
    assert hide(counts, equations) == {"11", "12", "21", "22"}


def test_equations_that_are_safe_alone_tell_nothing_together() -> None:
    """With all three sums shown, a is half of 13 + 23 − 30."""
    counts = {"A": 13, "B": 23, "C": 30, "a": 3, "b": 10, "c": 20}
    equations = [Equation("A", ["a", "b"]), Equation("B", ["a", "c"]), Equation("C", ["b", "c"])]
    hidden = hide(counts, equations)
    assert {"a", "b", "c"} < hidden
    assert other_solution("a", counts, Equations(equations), {"a", "b", "c"}) == set()
    assert "a" in other_solution("a", counts, Equations(equations), hidden)


def test_a_second_table_keeps_what_is_shown_and_counts_nothing_below_nothing() -> None:
    counts = {"r1": 3, "r2": 7, "c1": 3, "c2": 7, "11": 3, "12": 0, "21": 0, "22": 7}
    pairs = (("r1", ["11", "12"]), ("r2", ["21", "22"]), ("c1", ["11", "21"]), ("c2", ["12", "22"]))
    equations = Equations([Equation(whole, parts) for whole, parts in pairs])
    square = {"11", "12", "21", "22"}
    assert other_solution("11", counts, equations, square) == square
    assert other_solution("11", counts, equations, square - {"22"}) == set()
    assert other_solution("12", counts | {"11": 0, "22": 0}, equations, square) == set()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=2, max_size=8))
def test_no_hidden_part_can_be_told(values: list[int]) -> None:
    parts = [f"p{index}" for index in range(len(values))]
    counts = dict(zip(parts, values, strict=True)) | {"all": sum(values)}
    hidden = {str(cell) for cell in hide(counts, [Equation("all", parts)])}
    assert {part for part in parts if 0 < counts[part] < K} <= hidden
    if "all" not in hidden:
        assert not can_be_told(counts, hidden, parts)


def cells(values: Mapping[tuple[str, str], int]) -> Cells:
    """Bookings by month and way of booking."""
    found: Cells = {}
    for (month, via), count in values.items():
        day = date.fromisoformat(f"{month}-01")
        found[CellKey(day, "bookings", "booked_via", via)] = Figure(count)
        total = CellKey(day, "bookings")
        found[total] = found.get(total, Figure(0)).plus(Figure(count))
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=9, max_size=9))
def test_no_month_can_be_told_from_years_totals_and_other_months(values: list[int]) -> None:
    grid = list(product(("2025-12", "2026-01", "2026-02"), ("online", "phone", "counter")))
    shown = show(cells(dict(zip(grid, values, strict=True))), {}, date(2026, 2, 28))
    for key, figure in shown.figures.items():
        assert key in shown.hidden or not 0 < figure.count < K
    for month in ("2025-12", "2026-01", "2026-02", "2026", "all"):
        keys = [Key(month, "bookings", "booked_via", via) for via in ("online", "phone", "counter")]
        whole = Key(month, "bookings", "", "")
        unknown = [key for key in keys if key in shown.hidden]
        assert whole in shown.hidden or len(unknown) != 1
    for via in ("online", "phone", "counter"):
        months = [Key(month, "bookings", "booked_via", via) for month in ("2026-01", "2026-02")]
        whole = Key("2026", "bookings", "booked_via", via)
        assert whole in shown.hidden or sum(key in shown.hidden for key in months) != 1


def days_of(day: date, *vias: tuple[str, int]) -> Cells:
    found: Cells = {CellKey(day, "bookings", "booked_via", via): Figure(count) for via, count in vias}
    return found | {CellKey(day, "bookings"): Figure(sum(count for _, count in vias))}


def test_days_hide_and_show_nothing_more_of_months_and_other_days() -> None:
    """Two answers laid side by side tell no more than one."""
    months = cells({("2026-01", "online"): 31, ("2026-02", "online"): 40, ("2026-02", "phone"): 3})
    january: Cells = {}
    for offset in range(31):
        january |= days_of(date(2026, 1, 1) + timedelta(days=offset), ("online", 1))
    february = days_of(date(2026, 2, 3), ("online", 30), ("phone", 3)) | days_of(date(2026, 2, 4), ("online", 10))
    last_day = date(2026, 2, 28)
    alone, early, late, both = (show(months, days, last_day) for days in ({}, january, february, january | february))
    assert both.hidden == early.hidden | late.hidden
    assert {key for key in both.hidden if len(key.period) < len("2026-01-01")} == alone.hidden
    assert alone.hidden >= {Key("2026-02", "bookings", "booked_via", via) for via in ("online", "phone")}
    assert Key("2026-01", "bookings", "", "") not in both.hidden


def test_a_day_s_small_count_takes_another_day_with_it() -> None:
    months = cells({("2026-01", "online"): 40})
    days = days_of(date(2026, 1, 5), ("online", 2)) | days_of(date(2026, 1, 6), ("online", 38))
    hidden = show(months, days, date(2026, 1, 31)).hidden
    assert {key.period for key in hidden} == {"2026-01-05", "2026-01-06"}


def test_a_count_below_nothing_is_hidden() -> None:
    """A payment of another day was taken back."""
    assert hide({"all": 9, "a": -1, "b": 4, "c": 6}, [Equation("all", ["a", "b", "c"])]) >= {"a", "b"}
