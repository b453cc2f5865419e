"""Why is this slot not offered? One test for each rule that can reject it, in the words that a clerk reads."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.booking.sample import MARRIAGE, PERSO, TENANT, files, service_id
from tests.booking.support.life import Life, at
from tests.booking.support.rules import HALL, TUESDAY, WEDNESDAY, change, lane_of, weekly

from booking.domain.catalogue import RequestedItem, VisitPlan, plan_visit
from booking.domain.errors import Invalid
from booking.domain.explanation import CHECKS, Asks, Code
from booking.domain.rule_edits import add_closure, put_exception, replace_opening
from booking.domain.rule_set import Closure, Hours, ScheduleException
from booking.usecases.configure import configure
from booking.usecases.explain_slot import Explained, explain_slot
from booking.usecases.find_times import find_times
from booking.usecases.rebuild_masks import rebuild_lanes
from booking.web.staff.explanations_api import in_words
from kit.web.language import Languages

LANGUAGES = Languages(["kit.web", "booking.web"])


async def plans_of(life: Life, service: str = PERSO, quantity: int = 1) -> list[VisitPlan]:
    return plan_visit(await life.catalogues.get(TENANT), [RequestedItem(service_id(service), quantity)])


async def ask(
    life: Life, start: datetime, service: str = PERSO, *, quantity: int = 1, **asks: bool
) -> dict[str, Explained]:
    """By the lane's name."""
    catalogue = await life.catalogues.get(TENANT)
    plans = await plans_of(life, service, quantity)
    found = await explain_slot(life.pool, catalogue, plans, start, life.clock(), Asks(**asks))
    return {each.lane.name: each for each in found}


async def why(life: Life, start: datetime, lane: str = "Clerk 0", **more: Any) -> tuple[Code, str, str] | None:
    rejection = (await ask(life, start, **more))[lane].rejection
    return rejection and (rejection.code, *(in_words(rejection, LANGUAGES.get(code)) for code in ("de", "en")))


async def code_of(life: Life, start: datetime, lane: str = "Clerk 0", **more: Any) -> Code | None:
    found = await why(life, start, lane, **more)
    return found[0] if found else None


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


async def test_who_might_serve_it_comes_first(life: Life) -> None:
    assert list(await ask(life, at("08:00"), MARRIAGE)) == ["Registrar", "Clerk 0", "Clerk 1", "Clerk 2"]


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


async def test_who_serves_something_else(life: Life) -> None:
    found = await why(life, at("08:00"), "Registrar")
    assert found == ("skill_missing", f"Bearbeitet diese Leistung nicht: {PERSO}.", f"Does not serve this: {PERSO}.")
    assert await why(life, at("08:00"), "Registrar", service=MARRIAGE) is None


async def test_somebody_else_is_responsible(life: Life) -> None:
    catalogue = await life.catalogues.get(TENANT)
    mine = await lane_of(life)
    plans = [msgspec.structs.replace(plan, lane_ids=(mine,)) for plan in await plans_of(life)]
    found = await explain_slot(life.pool, catalogue, plans, at("08:00"), life.clock(), Asks())
    codes = {each.lane.name: each.rejection.code if each.rejection else None for each in found}
    assert codes == {"Clerk 0": None, "Clerk 1": "not_responsible", "Clerk 2": "not_responsible",
                     "Registrar": "skill_missing"}  # fmt: skip


async def test_who_stands_in_only_for_a_clerk_who_is_away(life: Life) -> None:
    catalogue = await life.catalogues.get(TENANT)
    mine, deputy = await lane_of(life), await lane_of(life, "Clerk 1")
    (plan,) = await plans_of(life)
    plans = [
        msgspec.structs.replace(plan, lane_ids=(mine,)),
        msgspec.structs.replace(plan, lane_ids=(deputy,), stands_in_for=(mine,)),
    ]

    async def codes() -> dict[str, Code | None]:
        found = await explain_slot(life.pool, catalogue, plans, at("08:00"), life.clock(), Asks())
        return {each.lane.name: each.rejection.code if each.rejection else None for each in found}

    assert await codes() | {"Clerk 0": None, "Clerk 1": "stand_in"} == await codes()
    await change(life, put_exception(ScheduleException(HALL, mine, WEDNESDAY, ())))
    assert await codes() | {"Clerk 0": "no_hours", "Clerk 1": None} == await codes()


async def test_a_lane_takes_only_so_much(life: Life) -> None:
    catalogue = await life.catalogues.get(TENANT)
    mine = await lane_of(life)
    (plan,) = await plans_of(life, quantity=3)
    lanes = tuple(lane_id for lane_id in plan.lane_ids if lane_id != mine)
    limited = msgspec.structs.replace(catalogue, items_max={mine: 2})
    plans = [msgspec.structs.replace(plan, lane_ids=lanes)]
    found = await explain_slot(life.pool, limited, plans, at("08:00"), life.clock(), Asks())
    assert {each.lane.name: each.rejection for each in found}["Clerk 0"] == ("too_many_items", {"max": 2})


async def test_staff_at_their_desk_need_no_notice_and_no_window(life: Life) -> None:
    assert await code_of(life, at("08:05", "2026-11-23"), any_time=True) is None
    assert await code_of(life, at("08:03"), any_time=True) == "grid"
    assert await code_of(life, at("07:50", "2026-11-23"), any_time=True) == "past"


async def test_taken_by_an_appointment(life: Life) -> None:
    access = await life.hold(at("08:30"))
    number = (await life.view(access)).number
    codes = [each.rejection for each in (await ask(life, at("08:30"))).values()]
    (rejection,) = [each for each in codes if each and each.code == "taken"]
    german = in_words(rejection, LANGUAGES.get("de"))
    assert german == f"Belegt von 08:30 bis 08:45 Uhr durch Termin {number}."


async def test_a_visit_that_reaches_into_another_one(life: Life) -> None:
    await life.pool.execute("DELETE FROM skill WHERE lane_id <> (SELECT min(lane_id) FROM skill)")
    access = await life.hold(at("08:30"))
    number = (await life.view(access)).number
    assert await why(life, at("08:15")) is None
    found = await ask(life, at("08:15"), quantity=2)
    assert found["Clerk 0"].rejection == ("taken", {"number": number, "start": "08:30", "end": "08:45"})


async def test_a_reservation_that_has_lapsed_takes_nothing(life: Life) -> None:
    await life.pool.execute("DELETE FROM skill WHERE lane_id <> (SELECT min(lane_id) FROM skill)")
    await life.hold(at("08:30"))
    life.later(minutes=15)
    assert await why(life, at("08:30")) is None


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


async def test_absent(life: Life) -> None:
    lane_id = await lane_of(life)
    async with life.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "INSERT INTO absence (id, tenant, clerk_id, starts_at, ends_at, created_by, created_at)"
            " SELECT $1, $2, clerk_id, $3, $4, 'lea', $5 FROM lane WHERE id = $6",
            uuid4(), TENANT, at("07:00"), at("09:00"), life.clock(), lane_id,
        )  # fmt: skip
        await rebuild_lanes(connection, TENANT, [lane_id], WEDNESDAY, WEDNESDAY, life.clock())
    assert await why(life, at("08:00")) == ("absence", "Abwesend.", "Absent.")
    assert await why(life, at("08:00"), "Clerk 1") is None
    assert await why(life, at("09:00")) is None


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


async def add_room(life: Life, label: str) -> int:
    lane_id: int = await life.pool.fetchval(
        "INSERT INTO lane (tenant, location_id, kind, label, resource_group) VALUES ($1, $2, 'resource', $3, $4)"
        " RETURNING id", TENANT, HALL, label, "Trauzimmer",
    )  # fmt: skip
    async with life.pool.acquire() as connection, connection.transaction():
        await rebuild_lanes(connection, TENANT, [lane_id], TUESDAY, WEDNESDAY, life.clock())
    return lane_id


async def test_a_room_that_is_taken(life: Life) -> None:
    await life.pool.execute(
        "INSERT INTO offering_resource SELECT id, 'Trauzimmer' FROM offering WHERE service_id = $1",
        service_id(MARRIAGE),
    )
    await life.pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    with pytest.raises(Invalid, match="not offered together"):
        await why(life, at("08:00"), "Registrar", service=MARRIAGE)
    room = await add_room(life, "Turmzimmer")
    await life.pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    assert await why(life, at("08:00"), "Registrar", service=MARRIAGE) is None
    access = await life.hold(at("08:15"))
    await life.pool.execute("UPDATE occupation SET lane_id = $2 WHERE appointment_id = $1", access.appointment_id, room)
    assert await why(life, at("08:00"), "Registrar", service=MARRIAGE) == (
        "resource_taken",
        "Aus der Gruppe „Trauzimmer“ ist zu dieser Zeit nichts frei.",
        "Nothing of the group “Trauzimmer” is free at that time.",
    )
    assert await why(life, at("08:30"), "Registrar", service=MARRIAGE) is None
    await add_room(life, "Rittersaal")
    await life.pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    assert await why(life, at("08:00"), "Registrar", service=MARRIAGE) is None
    assert "Rittersaal" not in await ask(life, at("08:00"), MARRIAGE)


async def test_a_mask_that_is_wrong(life: Life) -> None:
    await life.pool.execute("UPDATE day_mask SET free = 0::bit(288)")
    assert await code_of(life, at("08:00")) == "mask_wrong"


@pytest.mark.parametrize("start", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)])
async def test_the_ends_of_time(life: Life, start: datetime) -> None:
    assert await code_of(life, start) == ("past" if start.year == 1 else "window")


async def test_what_is_offered_is_what_is_found(life: Life) -> None:
    """On a day with breaks, visits and a closure, each start is explained if and only if it is not listed."""
    await change(life, replace_opening(HALL, None, [*weekly("08:00", "09:30"), *weekly("10:00", "11:00")]))
    await change(life, add_closure(Closure(HALL, WEDNESDAY, time(10, 40), None, "Feueralarm")))
    for clock in ("08:00", "08:00", "08:00", "08:30", "10:00"):
        await life.hold(at(clock))
    plans = await plans_of(life, quantity=2)
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
