import msgspec

from kit.sql import Connection, fetch_all


class StateCount(msgspec.Struct, frozen=True):
    state: str
    count: int
    oldest_age_s: float


async def count_open(connection: Connection) -> list[StateCount]:
    """What waits, by state: mails by their own words, notices as `notice`."""
    return await fetch_all(
        connection,
        StateCount,
        "SELECT state, count(*) AS count, extract(epoch FROM now() - min(created_at))::float8 AS oldest_age_s"
        " FROM delivery WHERE state IN ('queued', 'claimed', 'retry_wait', 'unknown') GROUP BY state"
        " UNION ALL SELECT 'notice', count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8"
        " FROM notice WHERE state IN ('waiting', 'claimed')",
    )
