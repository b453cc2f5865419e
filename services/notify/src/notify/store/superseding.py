"""A newer revision of a calendar entry takes the place of older ones that wait for the same recipient; and a deputy is
not asked any more to do what somebody has done.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from contracts.booking import Letter
from kit.sql import Connection, execute
from notify.domain.telling import reassign_key
from notify.store.deliveries import NewDelivery


async def supersede_older(connection: Connection, new: Sequence[NewDelivery], now: datetime) -> None:
    """Older revisions of the same calendar entries that wait for the same recipients are not sent any more.

    One of unknown outcome stays: it goes first, as the same bytes, so that the order on the wire holds. So does a
    cancellation, which is always told; an offer of another time is not, once the same revision is cancelled for good.
    One that a sender has in hand is locked, so that it is put down either before we look or after we are seen
    (`has_newer`). In the order of their ids, as senders lock several that they put down.
    """
    ids, uids = [one.id for one in new], [one.calendar_uid for one in new]
    hashes, sequences = [one.recipient_hash for one in new], [one.calendar_sequence for one in new]
    await execute(
        connection,
        "SELECT 1 FROM delivery"
        " JOIN unnest($1::uuid[], $2::text[], $3::text[]) AS new (id, calendar_uid, recipient_hash)"
        " ON delivery.calendar_uid = new.calendar_uid AND delivery.recipient_hash = new.recipient_hash"
        " WHERE delivery.calendar_uid = ANY($2) AND delivery.id <> new.id"
        " AND state IN ('queued', 'claimed', 'retry_wait')"
        " ORDER BY delivery.id FOR UPDATE OF delivery",
        ids,
        uids,
        hashes,
    )
    await execute(
        connection,
        "UPDATE delivery SET state = 'suppressed', cause = 'superseded', settled_at = $1"
        " FROM unnest($2::uuid[], $3::text[], $4::text[], $5::int[])"
        "   AS new (id, calendar_uid, recipient_hash, calendar_sequence)"
        " WHERE delivery.calendar_uid = ANY($3) AND delivery.calendar_uid = new.calendar_uid"
        " AND delivery.recipient_hash = new.recipient_hash AND delivery.id <> new.id"
        " AND state IN ('queued', 'retry_wait')"
        " AND (delivery.calendar_sequence < new.calendar_sequence AND kind NOT IN ('cancelled', 'declined')"
        "   OR delivery.calendar_sequence = new.calendar_sequence AND kind = 'rebooking')",
        now,
        ids,
        uids,
        hashes,
        sequences,
    )


async def drop_needless_tasks(connection: Connection, letters: Sequence[Letter], now: datetime) -> None:
    """Mails to deputies that wait, about tasks which somebody has seen to by now."""
    await execute(
        connection,
        "UPDATE delivery SET state = 'suppressed', cause = 'task_done', settled_at = $1"
        " FROM unnest($2::uuid[], $3::text[]) AS now_open (appointment_id, subject_key)"
        " WHERE delivery.appointment_id = now_open.appointment_id AND kind = 'reassign'"
        " AND state IN ('queued', 'retry_wait') AND delivery.subject_key IS DISTINCT FROM now_open.subject_key",
        now,
        [letter.appointment_id for letter in letters],
        [letter.reassign_task and reassign_key(letter.reassign_task) for letter in letters],
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
