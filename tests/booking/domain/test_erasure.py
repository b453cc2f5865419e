from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.booking.domain.samples import NOW, appointment

from booking.domain.appointment import Appointment, By
from booking.domain.erasure import Cutoffs, cutoffs, erase, is_over, rule_for
from booking.domain.errors import Conflict

BERLIN = ZoneInfo("Europe/Berlin")
DATES = Cutoffs(visit=NOW - timedelta(days=7), draft=NOW - timedelta(days=1))


@pytest.mark.parametrize(
    ("now", "days", "last_day"),
    [
        ("2026-11-08T00:00:00+01:00", 7, "2026-11-01"),  # when the 8th begins, the 1st is due
        ("2026-11-07T23:59:59+01:00", 7, "2026-10-31"),
        ("2026-11-07T23:00:00+00:00", 7, "2026-11-01"),  # the same midnight, said in UTC
        ("2026-10-25T00:30:00+02:00", 7, "2026-10-18"),  # clocks go back in the night: the days are counted, not hours
        ("2026-10-26T00:00:00+01:00", 1, "2026-10-25"),
        ("2026-10-25T23:30:00+01:00", 1, "2026-10-24"),  # the 25th lasts 25 hours, and is kept for all of them
        ("2027-03-28T00:00:00+01:00", 2, "2027-03-26"),  # and forward
        ("2027-03-29T00:00:00+02:00", 1, "2027-03-28"),
    ],
)
def test_a_visit_is_due_by_local_days(now: str, days: int, last_day: str) -> None:
    visit = cutoffs(datetime.fromisoformat(now), "Europe/Berlin", days).visit
    latest = datetime.fromisoformat(f"{last_day}T23:59").replace(tzinfo=BERLIN)
    earliest_kept = (latest + timedelta(minutes=1)).replace(hour=0, minute=0)
    assert latest < visit <= earliest_kept


def of(
    state: Any, *, starts: timedelta = timedelta(days=30), ended: timedelta = timedelta(0), **more: Any
) -> Appointment:
    start = NOW + starts
    return appointment(
        state=state, starts_at=start, ends_at=start + timedelta(minutes=15), updated_at=NOW - ended, **more
    )


LONG_AGO = timedelta(days=-8)
OLD = {"ended": timedelta(days=8)}


@pytest.mark.parametrize(
    ("row", "is_bound", "rule"),
    [
        (of("completed", starts=LONG_AGO), True, "retention"),
        (of("no_show", starts=LONG_AGO), True, "retention"),
        (of("confirmed", starts=LONG_AGO), True, "retention"),  # nobody ever closed it
        (of("cancelled_by_citizen", starts=LONG_AGO), True, "retention"),
        (of("completed", starts=timedelta(days=-6)), True, None),
        (of("confirmed"), True, None),
        (of("cancelled_by_citizen", **OLD), True, "ended"),
        (of("cancelled_by_office", **OLD), True, "ended"),
        (of("expired", **OLD), True, "ended"),
        (of("cancelled_by_citizen", ended=timedelta(days=6)), True, None),
        (of("cancelled_by_office", rebook_until=NOW + timedelta(days=1), **OLD), True, None),  # still to choose
        (of("expired", created_at=NOW - timedelta(hours=25)), False, "draft"),
        (of("expired", created_at=NOW - timedelta(hours=23)), False, None),
        (of("confirmed", created_at=NOW - timedelta(days=2)), False, None),
        (of("held", starts=LONG_AGO, expires_at=NOW), False, None),
    ],
)
def test_each_has_its_rule(row: Appointment, is_bound: bool, rule: str | None) -> None:
    assert rule_for(row, is_bound=is_bound, dates=DATES, now=NOW) == rule


def test_a_retention_of_no_days_waits_for_the_end_of_the_visit() -> None:
    dates = cutoffs(NOW, "Europe/Berlin", 0)
    later_today = of("confirmed", starts=timedelta(minutes=5))
    assert rule_for(later_today, is_bound=True, dates=dates, now=NOW) is None
    assert rule_for(later_today, is_bound=True, dates=dates, now=NOW + timedelta(minutes=20)) == "retention"


def test_what_takes_place_is_not_over() -> None:
    assert not any(is_over(of(state), NOW) for state in ("held", "confirmed", "checked_in", "in_service"))
    assert not is_over(of("cancelled_by_office", rebook_until=NOW), NOW)
    assert is_over(of("confirmed", starts=timedelta(hours=-1)), NOW)
    assert all(is_over(of(state), NOW) for state in ("completed", "no_show", "expired", "cancelled_by_citizen"))
    with pytest.raises(Conflict):
        erase(of("confirmed"), NOW, By("citizen"))


def test_the_row_keeps_nothing_in_words() -> None:
    row = of(
        "completed", return_url="https://portal.example", payment_next_url="https://x", office_note="Frau X", version=4
    )
    decision = erase(row, NOW, By("citizen"))
    after = decision.after
    assert (after.return_url, after.payment_next_url, after.office_note) == (None, None, "")
    assert (after.state, after.version, decision.event) == ("completed", 5, "appointment.erased")
