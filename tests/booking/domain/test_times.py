"""Notice, window and the release of its last day."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest

from booking.domain.catalogue import Location
from booking.domain.errors import Invalid
from booking.domain.slots import clock_time, set_steps
from booking.domain.times import check_start, startable
from booking.domain.visit_plan import VisitPlan

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 9, 2, tzinfo=BERLIN)
LAST = date(2026, 12, 3)
PLAN = VisitPlan(
    items=(),
    location=Location(id=uuid4(), name="", street="", postcode="", city="", time_zone="Europe/Berlin"),
    unit_id=uuid4(),
    lane_ids=(1,),
    channel="on_site",
    duration_min=15,
    buffer_min=0,
    step_min=15,
    notice_min=60,
    window_days=10,
)
STAGGERED = msgspec.structs.replace(PLAN, staggered_release=True)


def starts(plan: VisitPlan, day: date, now: datetime = NOW) -> list[str]:
    return [clock_time(step) for step in set_steps(startable(plan, now)(day))]


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=BERLIN)


def test_notice_cuts_today_and_the_window_its_end() -> None:
    assert starts(PLAN, NOW.date())[0] == "10:15"
    assert len(starts(PLAN, LAST)) == 96
    assert starts(PLAN, LAST + timedelta(days=1)) == []


def test_a_staggered_release_opens_the_last_day_by_the_clock() -> None:
    assert starts(STAGGERED, LAST)[-1] == "09:00"
    assert starts(STAGGERED, LAST, NOW.replace(minute=14, second=59))[-1] == "09:00"
    assert starts(STAGGERED, LAST, NOW.replace(minute=15, second=0))[-1] == "09:15"
    assert len(starts(STAGGERED, LAST - timedelta(days=1))) == 96


def test_midnight_releases_one_start_and_no_whole_day() -> None:
    before, after = NOW.replace(hour=23, minute=59), (NOW + timedelta(days=1)).replace(hour=0, minute=0)
    assert starts(STAGGERED, LAST + timedelta(days=1), before) == []
    assert starts(STAGGERED, LAST + timedelta(days=1), after) == ["00:00"]


def test_the_release_follows_the_wall_clock_over_a_change_of_clocks() -> None:
    """Ten days before Monday 2 November lies Friday 23 October, in summer time."""
    friday = datetime(2026, 10, 23, 8, 0, tzinfo=BERLIN)
    assert starts(STAGGERED, date(2026, 11, 2), friday)[-1] == "08:00"
    assert starts(STAGGERED, date(2026, 11, 2), friday - timedelta(minutes=1))[-1] == "07:45"


def test_who_asks_for_a_time_that_is_not_released_yet_is_told_when() -> None:
    check_start(STAGGERED, at(LAST, "09:00"), NOW)
    with pytest.raises(Invalid, match="from 09:15 today on"):
        check_start(STAGGERED, at(LAST, "09:15"), NOW)
    check_start(PLAN, at(LAST, "09:15"), NOW.astimezone(UTC))
