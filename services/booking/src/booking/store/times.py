"""Free starts, found in one round trip: the masks of a day's lanes come as one string of bytes, and runs are looked for
in all of them at once.

A visit that needs a resource beside its clerk can start where a lane of each group can: a group's lanes are joined by
OR, the groups by AND. Visits at several places, or of several tenants, are searched for at once.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import reduce
from operator import and_
from typing import LiteralString, NamedTuple

from booking.store.bits import starts_of_any
from kit.sql import Connection

# One visit, one group of lanes: the plain case, and nearly all there are. min() and not EXISTS: of that the planner
# believes that any scan meets a row soon, and reads the whole table.
_PLAIN: LiteralString = """
    SELECT day, string_agg(bit_send(CASE WHEN $6 THEN free ELSE free & public END), NULL) AS masks,
           (SELECT min(expires_at) FROM appointment WHERE tenant = $1) <= $5 AS is_overdue
    FROM day_mask WHERE lane_id = ANY($2) AND day BETWEEN $3 AND $4
    GROUP BY day"""
_OF_MANY: LiteralString = """
    SELECT visit, day, string_agg(bit_send(CASE WHEN $8 THEN free ELSE free & public END), NULL) AS masks,
           ARRAY(SELECT DISTINCT tenant FROM appointment WHERE tenant = ANY($1) AND expires_at <= $4) AS overdue
    FROM unnest($5::int[], $6::int[], $7::int[]) AS wanted (lane_id, lane_group, visit)
    JOIN day_mask USING (lane_id)
    WHERE day BETWEEN $2 AND $3
    GROUP BY visit, lane_group, day"""


class WantedRun(NamedTuple):
    lane_groups: Sequence[Sequence[int]]
    """One lane of each must be free."""
    length: int
    """Steps in a row."""


class RunSearch(NamedTuple):
    tenants: Sequence[str]
    wanted: Sequence[WantedRun]
    first_day: date
    last_day: date
    now: datetime
    internal: bool = False
    """For the staff: also steps that the public may not book."""


class FreeStarts(NamedTuple):
    by_day: Sequence[dict[date, int]]
    """For each run that is wanted, the steps from which it is free; days with none are missing."""
    overdue: Sequence[str]
    """Tenants of whom a hold has expired and still occupies its slot: release it and look again."""


async def find_free_starts(connection: Connection, search: RunSearch) -> FreeStarts:
    if len(search.wanted) == 1 and len(search.wanted[0].lane_groups) == 1:
        return await _find_plain(connection, search)
    return await _find_many(connection, search)


async def _find_plain(connection: Connection, search: RunSearch) -> FreeStarts:
    (tenant,), (wanted,) = search.tenants, search.wanted
    rows = await connection.fetch(
        _PLAIN,
        tenant,
        wanted.lane_groups[0],
        search.first_day,
        search.last_day,
        search.now,
        search.internal,
    )
    starts = {row["day"]: starts_of_any(row["masks"], wanted.length) for row in rows}
    is_overdue = bool(rows and rows[0]["is_overdue"])
    return FreeStarts([{day: bits for day, bits in starts.items() if bits}], [tenant] if is_overdue else [])


async def _find_many(connection: Connection, search: RunSearch) -> FreeStarts:
    lanes = [
        (lane_id, number, visit)
        for visit, wanted in enumerate(search.wanted)
        for number, lane_ids in enumerate(wanted.lane_groups)
        for lane_id in lane_ids
    ]
    rows = await connection.fetch(
        _OF_MANY,
        search.tenants,
        search.first_day,
        search.last_day,
        search.now,
        [lane_id for lane_id, _, _ in lanes],
        [number for _, number, _ in lanes],
        [visit for _, _, visit in lanes],
        search.internal,
    )
    groups: list[dict[date, list[int]]] = [{} for _ in search.wanted]
    for row in rows:
        starts = starts_of_any(row["masks"], search.wanted[row["visit"]].length)
        groups[row["visit"]].setdefault(row["day"], []).append(starts)
    by_day = [_common(wanted, found) for wanted, found in zip(search.wanted, groups, strict=True)]
    return FreeStarts(by_day, rows[0]["overdue"] if rows else [])


def _common(wanted: WantedRun, groups: dict[date, list[int]]) -> dict[date, int]:
    """Where each group of lanes can start."""
    starts = {day: reduce(and_, found) for day, found in groups.items() if len(found) == len(wanted.lane_groups)}
    return {day: bits for day, bits in starts.items() if bits}
