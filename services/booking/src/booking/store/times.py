"""Free starts, found in one round trip: the runs of free steps of each lane, joined by day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from booking.domain.slots import doubling_shifts
from booking.store.bits import from_bit
from kit.sql import Connection

_ROUNDS = 9
"""Doubling nine times covers 288 steps."""


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
    """Each OFFSET 0 keeps the planner from copying the round below it into the one above."""
    shifts = doubling_shifts(search.length)
    rows = await connection.fetch(
        """
        SELECT day, bit_or(run) AS starts,
               EXISTS (SELECT FROM appointment WHERE expires_at <= $5 AND tenant = $1) AS is_overdue
        FROM (SELECT day, run & (run << $14) AS run
        FROM (SELECT day, run & (run << $13) AS run
        FROM (SELECT day, run & (run << $12) AS run
        FROM (SELECT day, run & (run << $11) AS run
        FROM (SELECT day, run & (run << $10) AS run
        FROM (SELECT day, run & (run << $9) AS run
        FROM (SELECT day, run & (run << $8) AS run
        FROM (SELECT day, run & (run << $7) AS run
        FROM (SELECT day, free & (free << $6) AS run
              FROM day_mask WHERE lane_id = ANY($2) AND day BETWEEN $3 AND $4
        OFFSET 0) a OFFSET 0) b OFFSET 0) c OFFSET 0) d OFFSET 0) e OFFSET 0) f OFFSET 0) g OFFSET 0) h OFFSET 0) i
        GROUP BY day
        """,
        search.tenant,
        search.lane_ids,
        search.first_day,
        search.last_day,
        search.now,
        *shifts,
        *[0] * (_ROUNDS - len(shifts)),
    )
    starts = {row["day"]: from_bit(row["starts"]) for row in rows}
    return FreeStarts({day: bits for day, bits in starts.items() if bits}, bool(rows) and rows[0]["is_overdue"])
