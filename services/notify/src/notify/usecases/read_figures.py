"""What monitoring asks for: how much waits and since when, how much was settled, which mail servers are paused."""

import msgspec

from kit.sql import Pool
from notify.store.counts import StateCount, count_open
from notify.store.pauses import PauseRow, list_pauses
from notify.store.totals import Total, list_totals


class Figures(msgspec.Struct, frozen=True):
    open: list[StateCount]
    totals: list[Total]
    pauses: list[PauseRow]


async def read_figures(pool: Pool) -> Figures:
    async with pool.acquire() as connection:
        return Figures(await count_open(connection), await list_totals(connection), await list_pauses(connection))
