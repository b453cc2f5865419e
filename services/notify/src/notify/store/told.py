"""What was said already, so that it is said once, and rightly."""

from collections.abc import Collection
from uuid import UUID

from contracts.booking import CalendarEntry
from kit.sql import Connection, fetch_all
from notify.domain.former import ToldStart
from notify.domain.kinds import CITIZEN_START
from notify.domain.telling import Told


async def list_told(connection: Connection, appointment_ids: Collection[UUID]) -> dict[UUID, list[Told]]:
    """Of each, clerks' invitations that were sent or are about to be, and offers of another time that the citizen may
    have got.

    What was given up before it was sent was never told.
    """
    rows = await connection.fetch(
        "SELECT DISTINCT appointment_id, calendar_uid, calendar_sequence, recipient_hash FROM delivery"
        " WHERE appointment_id = ANY($1)"
        " AND (calendar_method = 'REQUEST' AND (data_started_at IS NOT NULL"
        "   OR state IN ('queued', 'claimed', 'retry_wait', 'unknown'))"
        " OR kind = 'rebooking' AND data_started_at IS NOT NULL)",
        list(appointment_ids),
    )
    told: dict[UUID, list[Told]] = {id_: [] for id_ in appointment_ids}
    for row in rows:
        told[row["appointment_id"]].append(Told(row["calendar_uid"], row["calendar_sequence"], row["recipient_hash"]))
    return told


async def list_told_starts(connection: Connection, entry: CalendarEntry) -> list[ToldStart]:
    """Of one citizen's entry, the oldest first. These mails are of use until the start that they tell. One that a
    sender has in hand is about to arrive; one that was refused, came back or still waits has not.
    """
    return await fetch_all(
        connection,
        ToldStart,
        "SELECT calendar_sequence AS sequence, expires_at AS start,"
        " state IN ('claimed', 'unknown', 'accepted', 'assumed_delivered') AS may_have_arrived FROM delivery"
        " WHERE calendar_uid = $1 AND kind = ANY($2::text[]) ORDER BY calendar_sequence, position",
        entry.uid,
        CITIZEN_START,
    )
