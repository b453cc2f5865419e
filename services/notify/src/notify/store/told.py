"""What was said already, so that it is said once, and rightly."""

from uuid import UUID

from kit.sql import Connection, fetch_all
from notify.domain.telling import Told


async def list_told(connection: Connection, appointment_id: UUID) -> list[Told]:
    """Clerks' invitations that were sent or are about to be, and offers of another time that the citizen may have got.

    What was given up before it was sent was never told.
    """
    return await fetch_all(
        connection,
        Told,
        "SELECT DISTINCT calendar_uid, calendar_sequence, recipient_hash FROM delivery WHERE appointment_id = $1"
        " AND (calendar_method = 'REQUEST' AND (data_started_at IS NOT NULL"
        "   OR state IN ('queued', 'claimed', 'retry_wait', 'unknown'))"
        " OR kind = 'rebooking' AND data_started_at IS NOT NULL)",
        appointment_id,
    )
