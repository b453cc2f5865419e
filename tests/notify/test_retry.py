from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.domain.quiet import quiet_until
from notify.domain.retry import NOTICE_GIVE_UP_AFTER, next_asking, next_try
from notify.domain.sending import Attempt, Candidate, Drop, Go, Hold, Move, Outcome, may_go, settle

NOW = datetime(2027, 3, 22, 9, 0, tzinfo=UTC)
STARTS = NOW + timedelta(days=7)


@pytest.mark.parametrize(("tries", "delay_s"), [(1, 10), (2, 60), (3, 300), (4, 900), (5, 3600), (6, 3600), (30, 3600)])
def test_the_schedule(tries: int, delay_s: int) -> None:
    assert next_try(tries, NOW, None, 0.5) == NOW + timedelta(seconds=delay_s)


@given(tries=st.integers(1, 40), minutes=st.integers(0, 300), chance=st.floats(0, 1, exclude_max=True, allow_nan=False))
def test_no_try_comes_at_or_after_the_deadline_or_at_once(tries: int, minutes: int, chance: float) -> None:
    deadline = NOW + timedelta(minutes=minutes)
    due_at = next_try(tries, NOW, deadline, chance)
    assert due_at is None or NOW + timedelta(seconds=5) < due_at < deadline


def test_the_last_try_comes_before_the_start() -> None:
    assert next_try(5, NOW, NOW + timedelta(minutes=40), 0.5) == NOW + timedelta(minutes=35)
    assert next_try(5, NOW, NOW + timedelta(minutes=5), 0.5) is None


def test_booking_is_asked_for_a_week() -> None:
    assert next_asking(1, NOW, NOW) == NOW + timedelta(seconds=1)
    assert next_asking(99, NOW, NOW - timedelta(days=1)) == NOW + timedelta(minutes=5)
    assert next_asking(99, NOW, NOW - NOTICE_GIVE_UP_AFTER - timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2027, 1, 10, 18, 59, tzinfo=UTC), None),
        (datetime(2027, 1, 10, 19, 0, tzinfo=UTC), datetime(2027, 1, 11, 6, 0, tzinfo=UTC)),
        (datetime(2027, 1, 11, 5, 59, tzinfo=UTC), datetime(2027, 1, 11, 6, 0, tzinfo=UTC)),
        (datetime(2027, 1, 11, 6, 0, tzinfo=UTC), None),
        (datetime(2027, 3, 27, 23, 0, tzinfo=UTC), datetime(2027, 3, 28, 5, 0, tzinfo=UTC)),  # the clocks go forward
        (datetime(2027, 3, 25, 19, 30, tzinfo=UTC), datetime(2027, 3, 27, 6, 0, tzinfo=UTC)),  # Good Friday follows
        (datetime(2027, 3, 29, 10, 0, tzinfo=UTC), datetime(2027, 3, 30, 5, 0, tzinfo=UTC)),  # Easter Monday, noon
        (datetime(2027, 5, 27, 2, 0, tzinfo=UTC), datetime(2027, 5, 28, 5, 0, tzinfo=UTC)),  # Corpus Christi
        (datetime(2027, 10, 30, 22, 0, tzinfo=UTC), datetime(2027, 10, 31, 6, 0, tzinfo=UTC)),  # and back
    ],
)
def test_quiet_hours(now: datetime, until: datetime | None) -> None:
    assert quiet_until(now, "Europe/Berlin", "NW") == until


def test_each_land_has_its_own_holidays() -> None:
    corpus_christi = datetime(2027, 5, 27, 10, 0, tzinfo=UTC)
    assert quiet_until(corpus_christi, "Europe/Berlin", "NW")
    assert quiet_until(corpus_christi, "Europe/Berlin", "SH") is None
    assert quiet_until(corpus_christi, "Europe/Berlin", None) is None
    assert quiet_until(datetime(2027, 12, 25, 12, 0, tzinfo=UTC), "Europe/Berlin", None)


CANDIDATE = Candidate(
    kind="confirmation",
    state="retry_wait",
    has_newer=False,
    expires_at=STARTS,
    resend_number=0,
    appointment_state="confirmed",
    time_zone="Europe/Berlin",
    ars="053700012012",
    was_invited=False,
    address_refused=False,
)
DIGEST: dict[str, object] = {"kind": "digest", "appointment_state": None, "expires_at": None}
NIGHT = datetime(2027, 3, 22, 22, 0, tzinfo=UTC)
HOLIDAY = datetime(2027, 3, 26, 10, 0, tzinfo=UTC)  # Good Friday
MORNING = datetime(2027, 3, 23, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "now", "decision"),
    [
        ({}, NOW, Go()),
        ({}, NIGHT, Go()),
        ({"address_refused": True}, NOW, Go()),
        ({}, STARTS, Drop("expired", "too_late")),
        ({"has_newer": True}, NOW, Drop("suppressed", "superseded")),
        ({"has_newer": True, "state": "unknown"}, NOW, Go()),
        ({"has_newer": True, "kind": "cancelled"}, NOW, Go()),
        ({"has_newer": True, "kind": "declined"}, NOW, Go()),
        ({"appointment_state": "expired"}, NOW, Drop("suppressed", "appointment_expired")),
        ({"kind": "reminder"}, NIGHT, Hold(MORNING)),
        ({"kind": "reminder", "resend_number": 1}, NIGHT, Go()),
        ({"kind": "reminder", "expires_at": MORNING + timedelta(hours=1)}, NIGHT, Go()),  # 07:00 would be too late
        ({"kind": "reminder"}, HOLIDAY, Hold(HOLIDAY + timedelta(hours=20))),
        ({}, HOLIDAY, Go()),
        ({"kind": "rebooking", "appointment_state": "cancelled_by_office"}, NIGHT, Go()),
        ({"kind": "activation", "appointment_state": "awaiting_email"}, NIGHT, Go()),
        ({"kind": "activation", "appointment_state": "held"}, NOW, Drop("suppressed", "appointment_held")),
        ({"kind": "earlier", "expires_at": MORNING + timedelta(hours=4)}, NIGHT, Hold(MORNING)),
        ({"kind": "earlier", "expires_at": MORNING + timedelta(hours=2)}, NIGHT, Go()),
        ({"kind": "earlier", "expires_at": NIGHT + timedelta(hours=2)}, NIGHT, Go()),
        ({"kind": "earlier", "expires_at": NIGHT}, NIGHT, Drop("expired", "too_late")),
        ({"kind": "invitation", "appointment_state": None}, NIGHT, Go()),
        ({"kind": "reminder", "address_refused": True}, NOW, Drop("suppressed", "address_refused_before")),
        (DIGEST | {"address_refused": True}, NOW, Go()),
        (DIGEST | {"address_refused": True}, NIGHT, Hold(MORNING)),
        ({"kind": "withdrawal", "expires_at": None}, NOW, Drop("suppressed", "never_invited")),
        ({"kind": "withdrawal", "was_invited": True, "expires_at": None}, NIGHT, Go()),
        ({"kind": "receipt", "appointment_state": "cancelled_by_office", "expires_at": None}, NIGHT, Go()),
    ],
)
def test_may_go(changes: dict[str, object], now: datetime, decision: Go | Hold | Drop) -> None:
    values = {name: getattr(CANDIDATE, name) for name in Candidate.__struct_fields__} | changes
    assert may_go(Candidate(**values), now) == decision


ATTEMPT = Attempt(tries=1, deferred_since=None, expires_at=STARTS)
DAY_AGO, HOUR = NOW - timedelta(hours=24), NOW + timedelta(hours=1)
SOON = NOW + timedelta(seconds=10)


@pytest.mark.parametrize(
    ("outcome", "attempt", "move"),
    [
        (Outcome("accepted", 250), ATTEMPT, Move(state="accepted", tries=1)),
        (Outcome("refused", 554), ATTEMPT, Move(state="failed", tries=1, cause="refused_554")),
        (Outcome("address_refused", 550), ATTEMPT, Move(state="failed", tries=1, cause="address_refused_550")),
        (
            Outcome("deferred", 451),
            ATTEMPT,
            Move(state="retry_wait", tries=1, due_at=SOON, deferred_since=NOW, cause="deferred_451"),
        ),
        (Outcome("unreachable"), ATTEMPT, Move(state="retry_wait", tries=1, due_at=SOON, cause="unreachable")),
        (Outcome("unknown"), ATTEMPT, Move(state="unknown", tries=1, due_at=SOON, deferred_since=NOW, cause="unknown")),
        (Outcome("locked_out", 535), ATTEMPT, Move(state="queued", tries=0, due_at=NOW, cause="locked_out_535")),
        (
            Outcome("deferred", 451),
            Attempt(tries=28, deferred_since=DAY_AGO, expires_at=None),
            Move(state="failed", tries=28, cause="deferred_451"),
        ),
        (
            Outcome("unknown"),
            Attempt(tries=28, deferred_since=DAY_AGO, expires_at=None),
            Move(state="failed", tries=28, cause="unknown"),
        ),
        (
            Outcome("unreachable"),
            Attempt(tries=28, deferred_since=DAY_AGO, expires_at=None),
            Move(state="retry_wait", tries=28, due_at=HOUR, deferred_since=DAY_AGO, cause="unreachable"),
        ),
        (
            Outcome("deferred", 450),  # greylisted by a server that was away for days
            Attempt(tries=28, deferred_since=None, expires_at=None),
            Move(state="retry_wait", tries=28, due_at=HOUR, deferred_since=NOW, cause="deferred_450"),
        ),
        (
            Outcome("deferred", 451),
            Attempt(tries=1, deferred_since=None, expires_at=NOW + timedelta(seconds=8)),
            Move(state="expired", tries=1, cause="deferred_451"),
        ),
    ],
)
def test_settle(outcome: Outcome, attempt: Attempt, move: Move) -> None:
    assert settle(outcome, attempt, NOW, 0.5) == move
