"""A newer revision of a calendar entry takes the place of older ones that wait for the same recipient."""

from datetime import datetime
from uuid import UUID

from kit.sql import Connection, execute
from notify.store.deliveries import NewDelivery


async def supersede_older(connection: Connection, new: NewDelivery, now: datetime) -> int:
    """Older revisions of the same calendar entry that wait for the same recipient are not sent any more.

    One of unknown outcome stays: it goes first, as the same bytes, so that the order on the wire holds. So does a
    cancellation, which is always told; an offer of another time is not, once the same revision is cancelled for good.
    One that a sender has in hand is locked, so that it is put down either before we look or after we are seen
    (`has_newer`).
    """
    await execute(
        connection,
        "SELECT 1 FROM delivery WHERE calendar_uid = $1 AND recipient_hash = $2 AND id <> $3"
        " AND state IN ('queued', 'claimed', 'retry_wait') ORDER BY position FOR UPDATE",
        new.calendar_uid,
        new.recipient_hash,
        new.id,
    )
    return await execute(
        connection,
        "UPDATE delivery SET state = 'suppressed', cause = 'superseded', settled_at = $4"
        " WHERE calendar_uid = $1 AND recipient_hash = $2 AND id <> $5 AND state IN ('queued', 'retry_wait')"
        " AND (calendar_sequence < $3 AND kind NOT IN ('cancelled', 'declined')"
        "   OR calendar_sequence = $3 AND kind = 'rebooking')",
        new.calendar_uid,
        new.recipient_hash,
        new.calendar_sequence,
        now,
        new.id,
    )


async def has_newer(connection: Connection, id_: UUID) -> bool:
    """One that `supersede_older` could not tell, because a sender had this one in hand. Asked for by itself, after this
    one was locked: a statement sees nothing of who commits while it waits.
    """
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM delivery AS newer JOIN delivery ON newer.calendar_uid = delivery.calendar_uid"
        " AND newer.recipient_hash = delivery.recipient_hash AND newer.position > delivery.position"
        " AND (newer.calendar_sequence > delivery.calendar_sequence"
        "   OR newer.calendar_sequence = delivery.calendar_sequence AND delivery.kind = 'rebooking'"
        "     AND newer.kind IN ('cancelled', 'declined')) WHERE delivery.id = $1)",
        id_,
    )
    return found
