"""Which part of a freed slot fits whom: by hand, to the minute. Wednesday, 25 November 2026, is the day."""

from datetime import UTC, date, datetime, time
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from booking.domain.catalogue import Location
from booking.domain.errors import Invalid
from booking.domain.slots import Span, span_bits
from booking.domain.visit_plan import VisitPlan
from booking.domain.waitlist import FreedTime, Wishes, find_start, offer_until, tidy_wishes

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def at(clock: str, day: date = DAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), BERLIN)


def steps(opens: str, closes: str) -> int:
    first, last = (time.fromisoformat(text) for text in (opens, closes))
    return span_bits(Span(first.hour * 12 + first.minute // 5, last.hour * 12 + last.minute // 5))


def plan(minutes: int) -> VisitPlan:
    return VisitPlan(
        items=(),
        location=Location(
            id=uuid4(), name="Rathaus", street="Markt 1", postcode="52499", city="Muster", time_zone="Europe/Berlin"
        ),
        unit_id=uuid4(),
        lane_ids=(1, 2),
        preferred=(),
        resources=(),
        channel="on_site",
        duration_min=minutes,
        buffer_min=0,
        step_min=15,
        notice_min=120,
        window_days=60,
    )


def find(
    freed: tuple[str, str] = ("09:00", "09:30"),
    usable: tuple[str, str] = ("08:00", "12:00"),
    present: datetime | None = None,
    now: datetime = NOW,
    minutes: int = 30,
    lane_id: int = 1,
    beside: tuple[tuple[int, ...], ...] = (),
    **wishes: object,
) -> str | None:
    wanted = Wishes(**wishes)  # type: ignore[arg-type] # a test's shorthand
    before = present or at("10:00", date(2026, 11, 26))
    slot = FreedTime(lane_id, DAY, steps(*freed), steps(*usable), beside)
    start = find_start(plan(minutes), before, wanted, slot, now)
    return start.astimezone(BERLIN).strftime("%H:%M") if start else None


@pytest.mark.parametrize(
    ("wishes", "start"),
    [
        ({}, "09:00"),
        ({"weekdays": (3, 5)}, "09:00"),
        ({"weekdays": (1, 2, 4, 5)}, None),
        ({"from_time": time(9)}, "09:00"),
        ({"from_time": time(9, 5)}, "09:15"),
        ({"from_time": time(9, 30)}, None),
        ({"to_time": time(9, 30)}, "09:00"),
        ({"to_time": time(9, 25)}, "08:45"),
        ({"from_time": time(9, 5), "to_time": time(9, 40)}, None),
        ({"not_before": DAY}, "09:00"),
        ({"not_before": date(2026, 11, 26)}, None),
    ],
)
def test_wishes_are_kept_to_the_minute(wishes: dict[str, object], start: str | None) -> None:
    assert find(**wishes) == start  # type: ignore[arg-type] # a test's shorthand


def test_a_longer_visit_takes_free_time_beside_it() -> None:
    assert find(minutes=45) == "08:45"
    assert find(minutes=45, usable=("09:00", "12:00")) == "09:00"
    assert find(minutes=45, usable=("09:00", "09:30")) is None


def test_time_that_was_free_before_is_not_offered() -> None:
    assert find(freed=("09:00", "09:15"), minutes=15, to_time=time(9)) is None


def test_only_what_is_earlier_than_the_visit() -> None:
    assert find(present=at("09:15")) == "09:00"
    assert find(present=at("09:00")) == "08:45"
    assert find(present=at("08:45")) is None


def test_the_notice_and_ten_minutes_to_answer() -> None:
    assert find(now=at("06:50")) == "09:00"
    assert find(now=at("06:51")) == "09:15"
    assert find(now=at("07:06")) is None


def test_a_clerk_who_cannot_serve_it_is_no_help() -> None:
    assert find(lane_id=3) is None


def test_a_visit_that_needs_a_room_starts_when_one_is_free() -> None:
    early, late = steps("08:00", "09:15"), steps("09:15", "12:00")
    assert find(beside=((early, late),)) == "08:45"
    assert find(beside=((late,),)) == "09:15"
    assert find(beside=((late,), (early,))) is None
    assert find(beside=((),)) is None


def test_an_offer_ends_before_the_notice() -> None:
    visit = plan(30)
    assert offer_until(visit, at("09:00"), 60, NOW) == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert offer_until(visit, at("09:00"), 60, at("06:40")) == at("07:00")


@pytest.mark.parametrize(
    "wrong", [Wishes(weekdays=(0,)), Wishes(weekdays=(8,)), Wishes(from_time=time(10), to_time=time(10))]
)
def test_wishes_that_nothing_can_meet_are_refused(wrong: Wishes) -> None:
    with pytest.raises(Invalid):
        tidy_wishes(wrong)
