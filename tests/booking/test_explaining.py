"""Why is this time not offered? One test for each rule of time that can reject it, in the words that a clerk reads."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta

import msgspec
import pytest
from tests.booking.sample import TENANT, files
from tests.booking.support.explaining import LANGUAGES, ask, code_of, why
from tests.booking.support.life import Life, at
from tests.booking.support.rules import HALL, WEDNESDAY, change, weekly

from booking.domain.explanation import CHECKS, Code
from booking.domain.rule_edits import add_closure, put_exception, replace_opening
from booking.domain.rule_set import Closure, Hours, ScheduleException
from booking.usecases.configure import configure
from booking.usecases.find_times import find_times


async def nothing(_: Life) -> None:
    pass


def closing(*closures: Closure) -> Callable[[Life], Awaitable[None]]:
    async def close(life: Life) -> None:
        for closure in closures:
            await change(life, add_closure(closure))

    return close


def special(*spans: tuple[int, int], reason: str = "") -> Callable[[Life], Awaitable[None]]:
    async def put(life: Life) -> None:
        hours = tuple(Hours(time(first), time(last)) for first, last in spans)
        await change(life, put_exception(ScheduleException(HALL, None, WEDNESDAY, hours, reason)))

    return put


async def stagger(life: Life) -> None:
    await configure(life.pool, files(staggered_release=True), life.clock)


@pytest.mark.parametrize(
    ("set_up", "start", "code", "german", "english"),
    [
        (nothing, "2026-11-23T07:45", "past", "Diese Zeit ist vorbei.", "This time is past."),
        (nothing, "2027-06-01T08:00", "window", "Buchbar sind nur die nächsten 60 Tage, bis Fr., 22.01.2027.",
         "Only the next 60 days can be booked, until Fri, 22 Jan 2027."),
        (nothing, "2026-11-25T08:05", "grid", "Termine beginnen hier alle 15 Minuten.",
         "Appointments begin every 15 minutes here."),
        (stagger, "2027-01-22T09:00", "not_released",
         "Der letzte Tag wird nach und nach freigegeben: diese Zeit heute um 09:00 Uhr.",
         "The last day is released bit by bit: this time at 09:00 today."),
        (nothing, "2026-11-23T09:00", "notice", "Termine brauchen hier 120 Minuten Vorlauf.",
         "Appointments need 120 minutes' notice here."),
        (nothing, "2026-11-28T09:00", "no_hours", "An diesem Tag gibt es hier keine Öffnungszeiten.",
         "There are no opening hours here on that day."),
        (nothing, "2026-11-25T12:00", "opening_hours", "Außerhalb der Öffnungszeiten dieses Tages: 08:00–12:00.",
         "Outside that day's opening hours: 08:00–12:00."),
        (special((8, 10), (14, 16), reason="Wahltag"), "2026-11-25T11:00", "exception",
         "An diesem Tag gelten besondere Zeiten: 08:00–10:00, 14:00–16:00. Wahltag",
         "Special hours on that day: 08:00–10:00, 14:00–16:00. Wahltag"),
        (nothing, "2027-01-01T09:00", "holiday", "Feiertag: Neujahr.", "Public holiday: New Year's Day."),
        (nothing, "2026-12-24T09:00", "custom", "Nach Brauch geschlossen: Heiligabend.",
         "Closed by custom: Christmas Eve."),
        (closing(Closure(None, WEDNESDAY, time(10), None, "Betriebsausflug")), "2026-11-25T10:00", "closure",
         "Geschlossen: Betriebsausflug.", "Closed: Betriebsausflug."),
    ],
)  # fmt: skip
async def test_each_cause_is_told_in_both_languages(
    life: Life, set_up: Callable[[Life], Awaitable[None]], start: str, code: Code, german: str, english: str
) -> None:
    day, clock = start.split("T")
    await set_up(life)
    assert await why(life, at(clock, day)) == (code, german, english)


async def test_a_slot_that_is_offered_needs_no_explanation(life: Life) -> None:
    assert await why(life, at("08:00")) is None


async def test_staff_at_their_desk_need_no_notice_and_no_window(life: Life) -> None:
    assert await code_of(life, at("08:05", "2026-11-23"), any_time=True) is None
    assert await code_of(life, at("08:03"), any_time=True) == "grid"
    assert await code_of(life, at("07:50", "2026-11-23"), any_time=True) == "past"


async def test_a_break_in_the_middle_and_the_end_of_the_day(life: Life) -> None:
    await change(life, replace_opening(HALL, None, [*weekly("08:00", "12:00"), *weekly("13:00", "16:00")]))
    assert await why(life, at("11:45")) is None
    assert await why(life, at("11:45"), quantity=2) == (
        "break",
        "Der Termin ginge über die Pause von 12:00 bis 13:00 Uhr.",
        "The appointment would run across the break from 12:00 to 13:00.",
    )
    assert await why(life, at("15:45"), quantity=2) == (
        "closing",
        "Um 16:00 Uhr ist Schluss, der Termin ginge darüber hinaus.",
        "It closes at 16:00, and the appointment would take longer.",
    )


async def test_a_closure_that_begins_while_the_visit_lasts(life: Life) -> None:
    await change(life, add_closure(Closure(None, WEDNESDAY, time(10), None, "Betriebsausflug")))
    found = await why(life, at("09:45"), quantity=2)
    assert found == ("closure", "Geschlossen: Betriebsausflug.", "Closed: Betriebsausflug.")


async def test_internal_hours_are_the_staff_s(life: Life) -> None:
    await change(life, replace_opening(HALL, None, weekly("08:00", "12:00", audience="internal")))
    assert await why(life, at("08:00")) == (
        "internal_only",
        "Diese Zeit ist der Hausbuchung vorbehalten.",
        "This time is kept for the staff's own bookings.",
    )
    assert await why(life, at("08:00"), is_public=False) is None


async def test_midnight_and_the_hour_at_which_the_clocks_change(life: Life) -> None:
    life.clock.now = datetime(2027, 3, 20, 7, 0, tzinfo=UTC)
    night = [*weekly("00:00", "23:59"), *weekly("22:00", "04:00")]
    sunday = [msgspec.structs.replace(rule, weekday=7, opens=time(0), closes=None) for rule in night[:1]]
    await change(life, replace_opening(HALL, None, [*night, *sunday]))
    assert await code_of(life, at("23:45", "2027-03-23"), quantity=2) == "midnight"
    found = await why(life, datetime(2027, 3, 28, 0, 45, tzinfo=UTC), quantity=2)  # 01:45, on into 03:00
    assert found == ("clock_change", "Zu dieser Stunde wird die Uhr umgestellt.", "The clocks change in this hour.")


@pytest.mark.parametrize("start", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)])
async def test_the_ends_of_time(life: Life, start: datetime) -> None:
    assert await code_of(life, start) == ("past" if start.year == 1 else "window")


async def test_what_is_offered_is_what_is_found(life: Life) -> None:
    """On a day with breaks, visits and a closure, each start is explained if and only if it is not listed."""
    await change(life, replace_opening(HALL, None, [*weekly("08:00", "09:30"), *weekly("10:00", "11:00")]))
    await change(life, add_closure(Closure(HALL, WEDNESDAY, time(10, 40), None, "Feueralarm")))
    for clock in ("08:00", "08:00", "08:00", "08:30", "10:00"):
        await life.hold(at(clock))
    plans = await life.plans(quantity=2)
    listed = (await find_times(life.pool, TENANT, plans, [WEDNESDAY], life.clock())).days[0].times
    midnight = at("00:00")
    starts = [midnight + timedelta(minutes=15 * step) for step in range(96)]
    offered = [
        f"{start:%H:%M}"
        for start in starts
        if any(each.rejection is None for each in (await ask(life, start, quantity=2)).values())
    ]
    assert offered == list(listed)


def test_every_code_has_words() -> None:
    german, english = LANGUAGES.get("de"), LANGUAGES.get("en")
    for code in Code.__args__:  # type: ignore[attr-defined]
        assert german.has(f"why_not.{code}"), code
        assert english.has(f"why_not.{code}"), code
    assert len(CHECKS) == 13
