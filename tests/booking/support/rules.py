"""The sample town's rules, changed by a lead."""

from datetime import date, time
from typing import Any
from uuid import uuid4

import msgspec
from tests.booking.sample import TENANT
from tests.booking.support.life import Life, at

from booking.domain.catalogue_files import Files
from booking.domain.configuration import id_for
from booking.domain.rule_edits import RuleEdit, replace_opening
from booking.domain.rule_set import Closure, OpeningRule, RuleSet
from booking.domain.slots import clock_time, set_steps
from booking.domain.what_if import RuleEffect
from booking.store.bits import from_bit
from booking.store.rules import get_version, read_rule_set
from booking.usecases.change_rules import Author, apply_edit
from booking.usecases.preview_rules import preview_rules
from booking.usecases.rebuild_masks import Rebuilt, rebuild_lanes

HALL = id_for(TENANT, "location", "Rathaus")
LEAD = Author("staff:lea")
TUESDAY, WEDNESDAY, THURSDAY = date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26)


def hours(*spans: tuple[int, str, str], lane_id: int | None = None, **more: Any) -> list[OpeningRule]:
    """For each (weekday, opens, closes)."""
    return [
        OpeningRule(HALL, lane_id, weekday, time.fromisoformat(opens), time.fromisoformat(closes), **more)
        for weekday, opens, closes in spans
    ]


def weekly(opens: str, closes: str, **more: Any) -> list[OpeningRule]:
    return hours(*((weekday, opens, closes) for weekday in range(1, 6)), **more)


OUTING = Closure(HALL, WEDNESDAY, reason="Betriebsausflug")
MORNING_OFF = replace_opening(HALL, None, weekly("09:00", "12:00"))


async def change(life: Life, edit: RuleEdit, author: Author = LEAD, **more: Any) -> RuleEffect:
    return await apply_edit(life.pool, life.clock, TENANT, edit, author, **more)


async def what_if(life: Life, edit: RuleEdit, **more: Any) -> RuleEffect:
    catalogue = await life.catalogues.get(TENANT)
    return await preview_rules(life.pool, catalogue, edit, life.clock(), **more)


async def rules_of(life: Life, version: int | None = None) -> RuleSet:
    async with life.pool.acquire() as connection:
        if version is None:
            version = await get_version(connection, TENANT)
        return await read_rule_set(connection, TENANT, version)


async def open_times(life: Life, day: date, lane_id: int, column: str = "open") -> list[str]:
    """First and last step that is set, or nothing."""
    mask = await life.pool.fetchval(f"SELECT {column} FROM day_mask WHERE lane_id = $1 AND day = $2", lane_id, day)
    steps = [clock_time(step) for step in set_steps(from_bit(mask))]
    return [steps[0], steps[-1]] if steps else []


async def lane_of(life: Life, clerk: str = "Clerk 0") -> int:
    lane_id: int = await life.pool.fetchval(
        "SELECT l.id FROM lane l JOIN clerk c ON c.id = l.clerk_id WHERE c.display_name = $1", clerk
    )
    return lane_id


async def open_conflicts(life: Life) -> list[tuple[Any, ...]]:
    rows = await life.pool.fetch(
        "SELECT appointment_id, cause, detail FROM conflict WHERE resolved_at IS NULL ORDER BY starts_at"
    )
    return [tuple(row) for row in rows]


def with_hours(file: Files, span: str) -> Files:
    changed = {"vormittags": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (span,))}
    return file._replace(offices=msgspec.structs.replace(file.offices, hours=changed))


async def send_away(life: Life, lane_id: int) -> Rebuilt:
    """The lane's clerk is absent on Wednesday until nine."""
    async with life.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "INSERT INTO absence (id, tenant, clerk_id, starts_at, ends_at, created_by, created_at)"
            " SELECT $1, $2, clerk_id, $3, $4, 'lea', $5 FROM lane WHERE id = $6",
            uuid4(), TENANT, at("07:00"), at("09:00"), life.clock(), lane_id,
        )  # fmt: skip
        return await rebuild_lanes(connection, TENANT, [lane_id], WEDNESDAY, WEDNESDAY, life.clock())
