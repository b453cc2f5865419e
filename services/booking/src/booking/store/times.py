"""Free starts, found in one round trip: the runs of free steps of each lane, joined by day."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import LiteralString, NamedTuple

from booking.domain.slots import doubling_shifts
from booking.store.bits import from_sent
from kit.sql import Connection

_OUTERMOST: LiteralString = """
    SELECT day, bit_send(bit_or(run)) AS starts,
           (SELECT min(expires_at) FROM appointment WHERE tenant = $1) <= $5 AS is_overdue
    FROM ("""
_ROUNDS: tuple[LiteralString, ...] = (
    "SELECT day, run & (run << $7) AS run FROM (",
    "SELECT day, run & (run << $8) AS run FROM (",
    "SELECT day, run & (run << $9) AS run FROM (",
    "SELECT day, run & (run << $10) AS run FROM (",
    "SELECT day, run & (run << $11) AS run FROM (",
    "SELECT day, run & (run << $12) AS run FROM (",
    "SELECT day, run & (run << $13) AS run FROM (",
    "SELECT day, run & (run << $14) AS run FROM (",
)
_INNERMOST: LiteralString = """
    SELECT day, free & (free << $6) AS run FROM day_mask WHERE lane_id = ANY($2) AND day BETWEEN $3 AND $4
"""
_END_OF_ROUND: LiteralString = " OFFSET 0) AS round"


class FreeStarts(NamedTuple):
    by_day: dict[date, int]
    """The steps from which the whole run is free in at least one lane; days with none are missing."""
    is_overdue: bool
    """A hold of this tenant has expired and still occupies its slot: release it and look again."""


class RunSearch(NamedTuple):
    tenant: str
    lane_ids: Sequence[int]
    length: int
    """Steps that must be free in a row."""
    first_day: date
    last_day: date
    now: datetime


async def find_free_starts(connection: Connection, search: RunSearch) -> FreeStarts:
    shifts = doubling_shifts(search.length) or (0,)
    rows = await connection.fetch(
        _statement(len(shifts)),
        search.tenant,
        search.lane_ids,
        search.first_day,
        search.last_day,
        search.now,
        *shifts,
    )
    starts = {row["day"]: from_sent(row["starts"]) for row in rows}
    return FreeStarts({day: bits for day, bits in starts.items() if bits}, bool(rows and rows[0]["is_overdue"]))


@cache
def _statement(rounds: int) -> LiteralString:
    """One subquery a round, at most nine. OFFSET 0 keeps the planner from copying a round twice into the one above.

    min() and not EXISTS: of that the planner believes that any scan meets a row soon, and reads the whole table.
    """
    outer = _ROUNDS[: rounds - 1]
    return _OUTERMOST + "".join(outer) + _INNERMOST + _END_OF_ROUND * rounds + " GROUP BY day"
