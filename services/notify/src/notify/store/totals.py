"""How many mails were settled since the beginning. Counted after the fact, so that no two senders wait for one row."""

from datetime import datetime

import msgspec

from kit.sql import Connection, execute, fetch_all


class Total(msgspec.Struct, frozen=True):
    kind: str
    state: str
    mails: int
    tries: int


async def add_settled(connection: Connection, until: datetime) -> int:
    """Those settled since the last counting, and before `until`. A mail that comes back later stays counted as sent.

    In a transaction. One at a time: who waited for another's row would go by `before` as it was, and count the same
    mails again. The lock is taken in a statement before, so that the counting sees what the last one committed.
    """
    if not await connection.fetchval("SELECT pg_try_advisory_xact_lock(hashtextextended('delivery_total', 0))"):
        return 0
    return await execute(
        connection,
        "WITH counted AS ("
        "  UPDATE delivery_total_until SET settled_at = $1 FROM delivery_total_until AS before"
        "  WHERE before.settled_at < $1 RETURNING before.settled_at)"
        " INSERT INTO delivery_total (kind, state, mails, tries)"
        " SELECT kind, CASE WHEN state IN ('assumed_delivered', 'bounced') THEN 'accepted' ELSE state END,"
        "   count(*), sum(delivery.tries)"
        " FROM delivery, counted WHERE delivery.settled_at >= counted.settled_at AND delivery.settled_at < $1"
        " GROUP BY 1, 2"
        " ON CONFLICT (kind, state) DO UPDATE SET mails = delivery_total.mails + EXCLUDED.mails,"
        " tries = delivery_total.tries + EXCLUDED.tries",
        until,
    )


async def list_totals(connection: Connection) -> list[Total]:
    return await fetch_all(connection, Total, "SELECT kind, state, mails, tries FROM delivery_total ORDER BY 1, 2")
