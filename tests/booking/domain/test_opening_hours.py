"""What is open on a day: rules and when they return, exceptions, closures, customs, absences, midnight, the clocks."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from booking.domain.holidays import usual_customs
from booking.domain.opening_hours import Absence, DayRules, Timetable
from booking.domain.projection import LanePlace, Mask, OccupiedRange, Rules, project
from booking.domain.recurrence import LAST, is_in_phase, is_nth_of_month
from booking.domain.rule_set import Closure, Hours, OpeningRule, RuleSet, ScheduleException
from booking.domain.slots import STEPS, clock_time, set_steps

HALL, ANNEX = UUID(int=1), UUID(int=2)
MON, TUE, THU, FRI, SAT, SUN = 1, 2, 4, 5, 6, 7
MONDAY = date(2026, 11, 23)


def rule(weekday: int, opens: str, closes: str | None, lane_id: int | None = None, **more: Any) -> OpeningRule:
    return OpeningRule(HALL, lane_id, weekday, time.fromisoformat(opens), _end(closes), **more)


def _end(closes: str | None) -> time | None:
    return time.fromisoformat(closes) if closes else None


def hours(opens: str, closes: str | None, **more: Any) -> Hours:
    return Hours(time.fromisoformat(opens), _end(closes), **more)


def day_of(rules: RuleSet, day: date, lane_id: int = 1, location_id: UUID = HALL) -> DayRules:
    return Timetable(rules).of(lane_id, location_id, "Europe/Berlin").day(day)


def spans(bits: int) -> list[str]:
    """As people write them: 08:00-12:30."""
    found: list[list[int]] = []
    for step in set_steps(bits):
        if found and found[-1][1] == step:
            found[-1][1] = step + 1
        else:
            found.append([step, step + 1])
    return [f"{clock_time(first)}-{clock_time(last) if last < STEPS else '24:00'}" for first, last in found]


def open_on(day: date, *rules: OpeningRule, **more: Any) -> list[str]:
    return spans(day_of(RuleSet(opening=rules, **more), day).open)


def open_days(days: Sequence[date], *rules: OpeningRule, **more: Any) -> list[date]:
    return [day for day in days if open_on(day, *rules, **more)]


def days_of(year: int, month: int | None = None) -> list[date]:
    first = date(year, month or 1, 1)
    return [
        day
        for day in (first + timedelta(days=n) for n in range(366))
        if day.year == year and month in (None, day.month)
    ]


# --- when a rule returns ------------------------------------------------------------------------------------------


def test_several_spans_a_day() -> None:
    assert open_on(MONDAY, rule(MON, "08:30", "12:30"), rule(MON, "14:00", "16:00")) == ["08:30-12:30", "14:00-16:00"]
    assert open_on(MONDAY, rule(TUE, "08:30", "12:30")) == []
    assert open_on(MONDAY, rule(MON, "20:00", None)) == ["20:00-24:00"]


def test_validity_begins_and_ends() -> None:
    held = rule(MON, "08:00", "09:00", valid_from=MONDAY, valid_until=MONDAY + timedelta(weeks=2))
    mondays = [MONDAY + timedelta(weeks=week) for week in range(-1, 3)]
    assert open_days(mondays, held) == mondays[1:3]


def test_the_first_saturday_of_a_month() -> None:
    """The county's vehicle registration."""
    first = rule(SAT, "09:00", "12:00", nth=1)
    assert open_days(days_of(2027), first) == [
        date(2027, 1, 2), date(2027, 2, 6), date(2027, 3, 6), date(2027, 4, 3), date(2027, 6, 5), date(2027, 7, 3),
        date(2027, 8, 7), date(2027, 9, 4), date(2027, 10, 2), date(2027, 11, 6), date(2027, 12, 4),
    ]  # fmt: skip  # the first of May is a holiday


def test_the_last_friday_of_a_month() -> None:
    last = rule(FRI, "13:00", "15:00", nth=LAST)
    assert open_days(days_of(2028), last) == [
        date(2028, 1, 28), date(2028, 2, 25), date(2028, 3, 31), date(2028, 4, 28), date(2028, 5, 26),
        date(2028, 6, 30), date(2028, 7, 28), date(2028, 8, 25), date(2028, 9, 29), date(2028, 10, 27),
        date(2028, 11, 24), date(2028, 12, 29),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "which"),
    [("2026-11-02", [1]), ("2026-11-09", [2]), ("2026-11-16", [3]), ("2026-11-23", [4]), ("2026-11-30", [5, LAST]),
     ("2027-02-22", [4, LAST]), ("2026-12-31", [5, LAST])],
)  # fmt: skip
def test_which_of_its_weekday_a_day_is(day: str, which: list[int]) -> None:
    assert [nth for nth in (1, 2, 3, 4, 5, LAST) if is_nth_of_month(date.fromisoformat(day), nth)] == which


def test_every_second_week_over_new_year_and_back() -> None:
    anchor = date(2026, 12, 18)  # a Friday: the Tuesday of the same week is meant, too
    held = rule(TUE, "08:00", "12:00", every_weeks=2, anchor=anchor)
    tuesdays = [date(2026, 12, 1) + timedelta(weeks=week) for week in range(8)]
    assert open_days(tuesdays, held) == [date(2026, 12, 1), date(2026, 12, 15), date(2026, 12, 29), date(2027, 1, 12)]


def test_weeks_begin_on_monday() -> None:
    sunday, monday = date(2026, 11, 29), date(2026, 11, 30)
    assert is_in_phase(sunday, 3, MONDAY)
    assert not is_in_phase(monday, 3, MONDAY)
    assert is_in_phase(sunday + timedelta(weeks=3), 3, MONDAY)
    assert is_in_phase(sunday - timedelta(weeks=3), 3, MONDAY)


def test_school_holidays_change_the_hours() -> None:
    """Long Thursdays while there is school, short ones in the autumn holidays of 2026 (17 to 31 October)."""
    school = rule(THU, "08:00", "18:00", school_holidays="not_in_school_holidays")
    free = rule(THU, "08:00", "12:00", school_holidays="only_in_school_holidays")
    always = rule(THU, "07:00", "08:00")
    found = [open_on(date(2026, 10, day), school, free, always, region="NW") for day in (15, 22, 29)]
    assert found == [["07:00-18:00"], ["07:00-12:00"], ["07:00-12:00"]]
    assert open_on(date(2026, 11, 5), school, free, always, region="NW") == ["07:00-18:00"]


# --- whose rules ---------------------------------------------------------------------------------------------------


def test_a_lane_lives_by_its_own_rules_or_by_its_location_s() -> None:
    rules = RuleSet(opening=(rule(MON, "08:00", "12:00"), rule(MON, "10:00", "14:00", lane_id=7)))
    assert spans(day_of(rules, MONDAY, 1).open) == ["08:00-12:00"]
    assert spans(day_of(rules, MONDAY, 7).open) == ["10:00-14:00"]
    assert day_of(rules, MONDAY, 1, ANNEX).open == 0


def test_internal_hours_are_open_and_not_public() -> None:
    rules = RuleSet(opening=(rule(MON, "08:00", "12:00"), rule(MON, "11:00", "13:00", audience="internal")))
    day = day_of(rules, MONDAY)
    assert spans(day.open) == ["08:00-13:00"]
    assert spans(day.public) == ["08:00-12:00"]


# --- exceptions, closures, customs ---------------------------------------------------------------------------------

WEEK = (rule(MON, "08:00", "12:00"), rule(THU, "08:00", "18:00"), rule(THU, "07:00", "19:00", lane_id=7))


def test_an_exception_replaces_the_rules_of_its_day_for_all_lanes_or_one() -> None:
    of_hall = ScheduleException(HALL, None, MONDAY, (hours("09:00", "10:00"), hours("15:00", "16:00")))
    of_lane = ScheduleException(HALL, 7, MONDAY, (hours("20:00", None, audience="internal"),))
    rules = RuleSet(opening=WEEK, exceptions=(of_hall, of_lane))
    assert spans(day_of(rules, MONDAY, 1).open) == ["09:00-10:00", "15:00-16:00"]
    assert spans(day_of(rules, MONDAY, 7).open) == ["20:00-24:00"]
    assert day_of(rules, MONDAY, 7).public == 0
    only_hall = RuleSet(opening=WEEK, exceptions=(of_hall,))
    assert spans(day_of(only_hall, MONDAY, 7).open) == ["09:00-10:00", "15:00-16:00"]
    assert day_of(only_hall, MONDAY, 1, ANNEX).open == 0


def test_an_exception_without_hours_closes_and_says_why() -> None:
    closed = day_of(RuleSet(opening=WEEK, exceptions=(ScheduleException(HALL, None, MONDAY, (), "Umzug"),)), MONDAY)
    assert closed.open == 0
    assert closed.why_closed(1) == ("exception", ("Umzug", "Umzug"))


def test_closures_of_the_tenant_or_a_place_whole_or_in_part() -> None:
    rules = RuleSet(
        opening=WEEK,
        closures=(
            Closure(None, MONDAY, time(11), None, "Betriebsausflug"),
            Closure(HALL, MONDAY, time(9), time(9, 30), "Feueralarm"),
            Closure(ANNEX, MONDAY, reason="Umbau"),
        ),
    )
    day = day_of(rules, MONDAY)
    assert spans(day.open) == ["08:00-09:00", "09:30-11:00"]
    assert day.why_closed(1) == ("closure", ("Betriebsausflug", "Betriebsausflug"))


def test_a_closure_over_several_days() -> None:
    closure = Closure(None, MONDAY, reason="Umzug", last_day=MONDAY + timedelta(days=7))
    days = [MONDAY + timedelta(days=n) for n in range(-7, 21)]
    assert open_days(days, *WEEK, closures=(closure,)) == [
        date(2026, 11, 16), date(2026, 11, 19), date(2026, 12, 3), date(2026, 12, 7), date(2026, 12, 10)
    ]  # fmt: skip


def test_customs_close_weiberfastnacht_at_noon_and_rosenmontag_all_day() -> None:
    kept = {"region": "NW", "customs": usual_customs("NW")}
    assert open_on(date(2027, 2, 4), *WEEK, **kept) == ["08:00-12:00"]
    assert open_on(date(2027, 2, 8), *WEEK, **kept) == []
    assert open_on(date(2027, 2, 4), *WEEK, region="NW") == ["08:00-18:00"]
    assert open_on(date(2026, 12, 24), *WEEK, **kept) == []
    monday = day_of(RuleSet(opening=WEEK, region="NW", customs=usual_customs("NW")), date(2027, 2, 8))
    assert monday.why_closed(1) == ("custom", ("Rosenmontag", "Rosenmontag (carnival Monday)"))


def test_who_gives_a_holiday_hours_means_it_and_a_closure_still_closes() -> None:
    """A wedding on the Saturday of German unity."""
    unity = date(2026, 10, 3)
    wedding = ScheduleException(HALL, None, unity, (hours("10:00", "12:00"),), "Trauung")
    assert open_on(unity, rule(SAT, "10:00", "12:00"), region="NW") == []
    assert open_on(unity, region="NW", exceptions=(wedding,)) == ["10:00-12:00"]
    closed = Closure(HALL, unity, time(11), None, "Sturm")
    assert open_on(unity, region="NW", exceptions=(wedding,), closures=(closed,)) == ["10:00-11:00"]


def test_corpus_christi_and_all_saints_are_closed() -> None:
    everyday = [rule(weekday, "08:00", "12:00") for weekday in range(1, 8)]
    closed = {day for day in days_of(2026) if not open_on(day, *everyday, region="NW")}
    assert {date(2026, 6, 4), date(2026, 11, 1)} <= closed
    assert len(closed) == 11


# --- midnight and the clocks ---------------------------------------------------------------------------------------


def test_a_rule_across_midnight_is_split() -> None:
    late = rule(FRI, "22:00", "02:00")
    friday, saturday = date(2026, 11, 27), date(2026, 11, 28)
    assert open_on(friday, late) == ["22:00-24:00"]
    assert open_on(saturday, late) == ["00:00-02:00"]
    assert open_on(saturday + timedelta(days=1), late) == []


def test_hours_after_midnight_belong_to_the_day_on_which_they_began() -> None:
    late = rule(FRI, "22:00", "02:00", nth=LAST, valid_until=date(2026, 11, 28))
    assert open_on(date(2026, 11, 28), late) == ["00:00-02:00"]
    assert open_on(date(2026, 11, 21), late) == []
    other = ScheduleException(HALL, None, date(2026, 11, 27), (hours("23:00", "01:00"),))
    assert open_on(date(2026, 11, 28), late, exceptions=(other,)) == ["00:00-01:00"]
    of_saturday = ScheduleException(HALL, None, date(2026, 11, 28), (hours("09:00", "10:00"),))
    assert open_on(date(2026, 11, 28), late, exceptions=(of_saturday,)) == ["00:00-02:00", "09:00-10:00"]


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)])
def test_change_sundays(day: date) -> None:
    assert open_on(day, rule(SUN, "13:00", "18:00")) == ["13:00-18:00"]
    assert open_on(day, rule(SUN, "00:00", None)) == ["00:00-02:00", "03:00-24:00"]
    assert open_on(day, rule(SAT, "22:00", "04:00")) == ["00:00-02:00", "03:00-04:00"]
    assert (
        day_of(RuleSet(opening=(rule(SUN, "00:00", None),)), day).why_closed(1 << (STEPS - 1 - 24))[0] == "clock_change"
    )


# --- masks ---------------------------------------------------------------------------------------------------------


def instant(clock: str, day: date = MONDAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}+01:00").astimezone(UTC)


def masks(rules: RuleSet, *, absences: Sequence[Absence] = (), occupied: Sequence[OccupiedRange] = ()) -> list[Mask]:
    """Of lanes 1 and 7 on Monday and Thursday."""
    lanes = [LanePlace(lane_id, HALL, "Europe/Berlin") for lane_id in (1, 7)]
    found = project(Rules(lanes=lanes, rule_set=rules, absences=absences), occupied, MONDAY, MONDAY + timedelta(days=6))
    assert len(found) == 14
    return [found[lane_id, MONDAY + timedelta(days=n)] for lane_id in (1, 7) for n in (0, 3)]


def test_occupation_takes_from_what_is_free_alone() -> None:
    monday, thursday, *_ = masks(RuleSet(opening=WEEK), occupied=[OccupiedRange(1, instant("08:15"), instant("08:45"))])
    assert spans(monday.open) == spans(monday.public) == ["08:00-12:00"]
    assert spans(monday.free) == ["08:00-08:15", "08:45-12:00"]
    assert thursday.free == thursday.open


def test_an_absence_takes_time_from_its_clerk_s_lane_over_days() -> None:
    away = Absence(1, instant("10:02"), instant("09:58", MONDAY + timedelta(days=3)))
    monday, thursday, _, other = masks(RuleSet(opening=WEEK), absences=[away])
    assert spans(monday.open) == spans(monday.free) == spans(monday.public) == ["08:00-10:00"]
    assert spans(thursday.open) == ["10:00-18:00"]
    assert spans(other.open) == ["07:00-19:00"]


def test_the_public_part_never_exceeds_what_is_open() -> None:
    away = Absence(1, instant("00:00"), instant("09:00"))
    for mask in masks(RuleSet(opening=WEEK, region="NW", customs=usual_customs("NW")), absences=[away]):
        assert mask.public & ~mask.open == 0
        assert mask.free & ~mask.open == 0


def test_lanes_that_share_their_rules_are_worked_out_once() -> None:
    timetable = Timetable(RuleSet(opening=WEEK))
    first, second, own = (timetable.of(lane_id, HALL, "Europe/Berlin") for lane_id in (1, 2, 7))
    assert first is second
    assert first.day(MONDAY) is second.day(MONDAY)
    assert own is not first
