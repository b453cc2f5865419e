"""Free starts, found in one round trip: the runs of free steps of each lane, joined by day.

A visit that needs a resource beside its clerk can start where a lane of each group can: the groups' runs are joined by
OR within a group and by AND between groups. Visits at several places, or of several tenants, are searched for at once.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import LiteralString, NamedTuple

from booking.domain.slots import doubling_shifts
from booking.store.bits import from_sent
from kit.sql import Connection

_BOOKABLE: dict[bool, LiteralString] = {False: "free & public", True: "free"}
"""By whether the request is the staff's own."""
_END_OF_ROUND: LiteralString = " OFFSET 0) AS round"

# One visit, one group of lanes: the plain case, and nearly all there are.
_OUTERMOST: LiteralString = """
    SELECT day, bit_send(bit_or(run)) AS starts,
           (SELECT min(expires_at) FROM appointment WHERE tenant = $1) <= $5 AS is_overdue
    FROM ("""
_ROUNDS: tuple[LiteralString, ...] = (
    "SELECT day, run & (run << $6) AS run FROM (",
    "SELECT day, run & (run << $7) AS run FROM (",
    "SELECT day, run & (run << $8) AS run FROM (",
    "SELECT day, run & (run << $9) AS run FROM (",
    "SELECT day, run & (run << $10) AS run FROM (",
    "SELECT day, run & (run << $11) AS run FROM (",
    "SELECT day, run & (run << $12) AS run FROM (",
    "SELECT day, run & (run << $13) AS run FROM (",
    "SELECT day, run & (run << $14) AS run FROM (",
)
_INNERMOST: LiteralString = " AS run FROM day_mask WHERE lane_id = ANY($2) AND day BETWEEN $3 AND $4"

# Several of either. $9 holds each visit's shifts, $8 of them a visit.
_OUTERMOST_OF_MANY: LiteralString = """
    SELECT visit, day, count(*) AS groups, bit_send(bit_and(starts)) AS starts,
           ARRAY(SELECT DISTINCT tenant FROM appointment WHERE tenant = ANY($1) AND expires_at <= $4) AS overdue
    FROM (SELECT visit, lane_group, day, bit_or(run) AS starts FROM ("""
_ROUNDS_OF_MANY: tuple[LiteralString, ...] = (
    "SELECT visit, lane_group, day, run & (run << ($9::int[])[visit * $8 + 1]) AS run FROM (",
    "SELECT visit, lane_group, day, run & (run << ($9::int[])[visit * $8 + 2]) AS run FROM (",
    "SELECT visit, lane_group, day, run & (run << ($9::int[])[visit * $8 + 3]) AS run FROM (",
    "SELECT visit, lane_group, day, run & (run << ($9::int[])[visit * $8 + 4]) AS run FROM (",
    "SELECT visit, lane_group, day, run & (run << ($9::int[])[visit * $8 + 5]) AS run FROM (",
    "SELECT visit, lane_group, day, run & (run << ($9::int[])[visit * $8 + 6]) AS run FROM (",
    "SELECT visit, lane_group, day, run & (run << ($9::int[])[visit * $8 + 7]) AS run FROM (",
    "SELECT visit, lane_group, day, run & (run << ($9::int[])[visit * $8 + 8]) AS run FROM (",
    "SELECT visit, lane_group, day, run & (run << ($9::int[])[visit * $8 + 9]) AS run FROM (",
)
_INNERMOST_OF_MANY: LiteralString = """ AS run
    FROM unnest($5::int[], $6::int[], $7::int[]) AS wanted (lane_id, lane_group, visit)
    JOIN day_mask m USING (lane_id) WHERE m.day BETWEEN $2 AND $3"""
_END_OF_MANY: LiteralString = " GROUP BY visit, lane_group, day) AS group_starts GROUP BY visit, day"


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
    shifts = doubling_shifts(wanted.length)
    rows = await connection.fetch(
        _plain_statement(len(shifts), search.internal),
        tenant,
        wanted.lane_groups[0],
        search.first_day,
        search.last_day,
        search.now,
        *shifts,
    )
    starts = {row["day"]: from_sent(row["starts"]) for row in rows}
    is_overdue = bool(rows and rows[0]["is_overdue"])
    return FreeStarts([{day: bits for day, bits in starts.items() if bits}], [tenant] if is_overdue else [])


async def _find_many(connection: Connection, search: RunSearch) -> FreeStarts:
    shifts = [doubling_shifts(wanted.length) for wanted in search.wanted]
    rounds = max(1, *map(len, shifts))
    lanes = [
        (lane_id, number, visit)
        for visit, wanted in enumerate(search.wanted)
        for number, lane_ids in enumerate(wanted.lane_groups)
        for lane_id in lane_ids
    ]
    rows = await connection.fetch(
        _statement_of_many(rounds, search.internal),
        search.tenants,
        search.first_day,
        search.last_day,
        search.now,
        [lane_id for lane_id, _, _ in lanes],
        [number for _, number, _ in lanes],
        [visit for _, _, visit in lanes],
        rounds,
        [shift for found in shifts for shift in (*found, *(0,) * (rounds - len(found)))],
    )
    by_day: list[dict[date, int]] = [{} for _ in search.wanted]
    for row in rows:
        bits = from_sent(row["starts"])
        if bits and row["groups"] == len(search.wanted[row["visit"]].lane_groups):
            by_day[row["visit"]][row["day"]] = bits
    return FreeStarts(by_day, rows[0]["overdue"] if rows else [])


@cache
def _plain_statement(rounds: int, internal: bool) -> LiteralString:
    """One subquery a round, at most nine. OFFSET 0 keeps the planner from copying a round twice into the one above.

    min() and not EXISTS: of that the planner believes that any scan meets a row soon, and reads the whole table.
    """
    inner = "SELECT day, " + _BOOKABLE[internal] + _INNERMOST
    return _OUTERMOST + "".join(_ROUNDS[:rounds]) + inner + _END_OF_ROUND * (rounds + 1) + " GROUP BY day"


@cache
def _statement_of_many(rounds: int, internal: bool) -> LiteralString:
    inner = "SELECT visit, lane_group, day, " + _BOOKABLE[internal] + _INNERMOST_OF_MANY
    outer = _OUTERMOST_OF_MANY + "".join(_ROUNDS_OF_MANY[:rounds])
    return outer + inner + _END_OF_ROUND * (rounds + 1) + _END_OF_MANY
