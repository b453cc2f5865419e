"""Mails: writing them, and moving on what no sender has in hand. See `claims`; for people `delivery_lists`."""

from datetime import datetime
from uuid import UUID

from kit.sql import Connection, execute, fetch_one
from notify.domain.delivery import State, sources_of
from notify.domain.kinds import Method
from notify.domain.mail import Mail


class NewDelivery(Mail, frozen=True, kw_only=True):
    subject_key: str
    recipient: str | None
    """Envelope address; None if no server could be asked to take it: the delivery has failed from the start."""
    recipient_hash: str
    recipient_shown: str
    message: bytes | None
    calendar_uid: str | None
    calendar_sequence: int | None
    calendar_method: Method | None
    time_zone: str
    expires_at: datetime | None
    resend_number: int = 0
    named: tuple[UUID, ...] = ()
    """Appointments whose citizens a mail to a clerk names: they may have to be forgotten."""


async def insert_delivery(connection: Connection, new: NewDelivery, now: datetime) -> bool:
    """False if the same was written before."""
    unusable = new.recipient is None
    touched = await execute(
        connection,
        "INSERT INTO delivery (id, tenant, appointment_id, invitation_id, audience, kind, subject_key, recipient,"
        " recipient_hash, recipient_shown, message, calendar_uid, calendar_sequence, calendar_method, time_zone,"
        " expires_at, resend_number, due_at, created_at, state, cause, settled_at, clerk_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18, $19, $20, $21,"
        " $22)"
        " ON CONFLICT (subject_key, recipient_hash, resend_number) DO NOTHING",
        new.id,
        new.tenant,
        new.appointment_id,
        new.invitation_id,
        new.audience,
        new.kind,
        new.subject_key,
        new.recipient,
        new.recipient_hash,
        new.recipient_shown,
        new.message,
        new.calendar_uid,
        new.calendar_sequence,
        new.calendar_method,
        new.time_zone,
        new.expires_at,
        new.resend_number,
        now,
        "failed" if unusable else "queued",
        "address_unusable" if unusable else None,
        now if unusable else None,
        new.clerk_id,
    )
    if touched and new.named:
        await _insert_named(connection, new)
    return touched == 1


async def _insert_named(connection: Connection, new: NewDelivery) -> None:
    await execute(
        connection,
        "INSERT INTO named_citizen (delivery_id, appointment_id) SELECT $1, unnest($2::uuid[])",
        new.id,
        new.named,
    )


async def supersede_older(connection: Connection, new: NewDelivery, now: datetime) -> int:
    """Older revisions of the same calendar entry that wait for the same recipient are not sent any more.

    One of unknown outcome stays: it goes first, as the same bytes, so that the order on the wire holds. So does a
    cancellation, which is always told; an offer of another time is not, once the same revision is cancelled for good.
    """
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


async def move_to_dropped(connection: Connection, id_: UUID, state: State, cause: str, now: datetime) -> Mail:
    """Of a row that is locked."""
    return await fetch_one(
        connection,
        Mail,
        "UPDATE delivery SET state = $2, cause = $3, settled_at = $4 WHERE id = $1 AND state = ANY($5::text[])"
        " RETURNING id, tenant, appointment_id, invitation_id, audience, kind",
        id_,
        state,
        cause,
        now,
        sources_of(state),
    )


async def hold(connection: Connection, id_: UUID, until: datetime) -> None:
    await execute(connection, "UPDATE delivery SET due_at = $2, cause = 'quiet_hours' WHERE id = $1", id_, until)


async def move_to_due(connection: Connection, id_: UUID, tenant: str | None, now: datetime) -> bool:
    """It need not wait any longer. `tenant` None: whose it is does not matter."""
    touched = await execute(
        connection,
        "UPDATE delivery SET due_at = least(due_at, $3) WHERE id = $1 AND ($2::text IS NULL OR tenant = $2)"
        " AND state IN ('queued', 'retry_wait', 'unknown')",
        id_,
        tenant,
        now,
    )
    return touched == 1
