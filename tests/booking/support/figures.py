"""The counters as they stand once all that happened is counted."""

from tests.booking.sample import TENANT

from booking.usecases.fold_statistics import fold_statistics
from kit.sql import Pool


async def counts(pool: Pool, measure: str) -> dict[tuple[str, str], tuple[int, int]]:
    """Of all days, by breakdown and category: count and amount."""
    while await fold_statistics(pool):
        pass
    rows = await pool.fetch(
        "SELECT breakdown, category, sum(count)::int AS count, sum(amount)::int AS amount FROM statistic_count"
        " WHERE tenant = $1 AND measure = $2 GROUP BY 1, 2",
        TENANT,
        measure,
    )
    return {(row["breakdown"], row["category"]): (row["count"], row["amount"]) for row in rows}
