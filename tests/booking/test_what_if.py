"""What if: a dry run says what a change of rules would do, and does nothing."""

from datetime import datetime, time, timedelta

import pytest
from tests.booking.sample import PERSO, TENANT
from tests.booking.support.life import Life, at
from tests.booking.support.rules import (
    HALL,
    MORNING_OFF,
    OUTING,
    THURSDAY,
    TUESDAY,
    change,
    open_conflicts,
    rules_of,
    weekly,
    what_if,
)

from booking.domain.rule_edits import RuleEdit, add_closure, put_exception, replace_opening, restore
from booking.domain.rule_set import Closure, Hours, ScheduleException
from booking.usecases.find_times import find_times

pytestmark = pytest.mark.usefixtures("true_masks")


async def earliest(life: Life, service: str = PERSO) -> str | None:
    plans = await life.plans(service)
    days = [life.clock().date() + timedelta(days=n) for n in range(30)]
    found = await find_times(life.pool, TENANT, plans, days, life.clock())
    return next((f"{day.date} {day.times[0]}" for day in found.days if day.times), None)


@pytest.mark.parametrize(
    "edit",
    [
        MORNING_OFF,
        add_closure(OUTING),
        add_closure(Closure(None, TUESDAY, last_day=THURSDAY)),
        replace_opening(HALL, None, [*weekly("07:00", "12:00"), *weekly("12:00", "13:00", audience="internal")]),
        put_exception(ScheduleException(HALL, None, TUESDAY, (Hours(time(6), time(7)),))),
        replace_opening(HALL, None, []),
    ],
)
async def test_a_dry_run_says_what_happens_then(life: Life, edit: RuleEdit) -> None:
    for clock in ("08:00", "08:00", "09:00"):
        await life.booked(clock)
    await life.booked("08:00", THURSDAY)
    life.later(hours=4)  # today is over
    before = await earliest(life)
    foreseen = await what_if(life, edit)
    came = await change(life, edit)
    assert foreseen.dry_run
    assert (foreseen.version, foreseen.days, foreseen.resolved_count) == (came.version, came.days, came.resolved_count)
    assert foreseen.conflicts == came.conflicts
    assert foreseen.earliest is not None
    changed = {item.service: item for item in foreseen.earliest}
    after = await earliest(life)
    if before == after:
        assert PERSO not in changed
    else:
        assert (local(changed[PERSO].before), local(changed[PERSO].after)) == (before, after)


def local(start: datetime | None) -> str | None:
    return start and f"{start.astimezone(at('00:00').tzinfo):%Y-%m-%d %H:%M}"


async def test_a_dry_run_foresees_the_conflicts_that_go(life: Life) -> None:
    await life.booked("08:00")
    await change(life, MORNING_OFF)
    assert (await what_if(life, restore(await rules_of(life, 1)))).resolved_count == 1
    assert len(await open_conflicts(life)) == 1


async def test_a_dry_run_writes_nothing(life: Life) -> None:
    await life.booked("08:00")
    before = await everything(life)
    effect = await what_if(life, add_closure(OUTING))
    assert effect.conflicts
    assert await everything(life) == before


async def everything(life: Life) -> dict[str, str]:
    """A sum over each table."""
    tables = await life.pool.fetch(
        "SELECT relname FROM pg_stat_user_tables WHERE has_table_privilege(relid, 'SELECT') ORDER BY relname"
    )
    assert len(tables) > 20
    return {
        name: await life.pool.fetchval(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t")
        for (name,) in tables
    }


async def test_a_lapsed_reservation_is_no_obstacle_to_the_earliest_time(life: Life) -> None:
    life.later(hours=4)
    for _ in range(3):
        await life.hold(at("08:00", str(TUESDAY)))
    life.later(minutes=15)
    effect = await what_if(life, add_closure(Closure(HALL, TUESDAY, time(8), time(8, 15), "Feueralarm")))
    changed = {item.service: item for item in effect.earliest or ()}[PERSO]
    assert (local(changed.before), local(changed.after)) == ("2026-11-24 08:00", "2026-11-24 08:15")


async def test_internal_hours_have_no_earliest_time_for_the_public(life: Life) -> None:
    effect = await what_if(life, replace_opening(HALL, None, weekly("08:00", "12:00", audience="internal")))
    changed = {item.service: item for item in effect.earliest or ()}[PERSO]
    assert (local(changed.before), local(changed.after)) == ("2026-11-23 10:00", None)
