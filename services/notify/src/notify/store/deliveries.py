"""Mails on their way: writing them, taking the next one, and moving it on. Reading for people: `delivery_lists`."""

from datetime import datetime
from uuid import UUID

import msgspec

from kit.sql import Connection, execute, fetch_all, fetch_one, fetch_optional
from notify.domain.delivery import State, sources_of
from notify.domain.kinds import Audience, Kind, Method
from notify.domain.sending import Candidate, Move
from notify.domain.telling import Told


class NewDelivery(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    appointment_id: UUID | None = None
    invitation_id: UUID | None = None
    clerk_id: UUID | None = None
    """It is about one of the three; about a clerk is the day's digest."""
    audience: Audience
    kind: Kind
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


class Due(Candidate, frozen=True, kw_only=True):
    id: UUID


async def lock_next(connection: Connection, now: datetime) -> Due | None:
    """The next mail whose turn it is; of each calendar entry and recipient only the oldest open one."""
    return await fetch_optional(
        connection,
        Due,
        "SELECT delivery.id, delivery.kind, delivery.expires_at, delivery.resend_number, delivery.time_zone,"
        " appointment.state AS appointment_state,"
        " EXISTS (SELECT 1 FROM delivery AS earlier WHERE earlier.calendar_uid = delivery.calendar_uid"
        "   AND earlier.recipient_hash = delivery.recipient_hash AND earlier.position < delivery.position"
        "   AND earlier.calendar_method = 'REQUEST' AND earlier.data_started_at IS NOT NULL) AS was_invited,"
        " EXISTS (SELECT 1 FROM suppression WHERE suppression.tenant = delivery.tenant"
        "   AND suppression.recipient_hash = delivery.recipient_hash) AS address_refused"
        " FROM delivery LEFT JOIN appointment ON appointment.id = delivery.appointment_id"
        " WHERE delivery.state IN ('queued', 'retry_wait', 'unknown') AND delivery.due_at <= $1"
        " AND NOT EXISTS (SELECT 1 FROM delivery AS older WHERE older.calendar_uid = delivery.calendar_uid"
        "   AND older.recipient_hash = delivery.recipient_hash AND older.position < delivery.position"
        "   AND older.state IN ('queued', 'claimed', 'retry_wait', 'unknown'))"
        " ORDER BY delivery.due_at, delivery.position LIMIT 1 FOR UPDATE OF delivery SKIP LOCKED",
        now,
    )


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A mail in a sender's hands; `claim` names whose."""

    id: UUID
    claim: UUID
    tenant: str
    kind: Kind
    recipient: str
    recipient_hash: str
    message: bytes
    tries: int
    created_at: datetime
    expires_at: datetime | None


async def move_to_claimed(connection: Connection, id_: UUID, claim: UUID, lease_until: datetime) -> Claimed:
    return await fetch_one(
        connection,
        Claimed,
        "UPDATE delivery SET state = 'claimed', claim = $2, lease_until = $3, tries = tries + 1 WHERE id = $1"
        " RETURNING id, claim, tenant, kind, recipient, recipient_hash, message, tries, created_at, expires_at",
        id_,
        claim,
        lease_until,
    )


async def move_to_dropped(connection: Connection, id_: UUID, state: State, cause: str, now: datetime) -> None:
    """Of a row that is locked."""
    await execute(
        connection,
        "UPDATE delivery SET state = $2, cause = $3, settled_at = $4 WHERE id = $1 AND state = ANY($5::text[])",
        id_,
        state,
        cause,
        now,
        sources_of(state),
    )


async def hold(connection: Connection, id_: UUID, until: datetime) -> None:
    await execute(connection, "UPDATE delivery SET due_at = $2, cause = 'quiet_hours' WHERE id = $1", id_, until)


async def extend_lease(connection: Connection, claimed: Claimed, lease_until: datetime) -> bool:
    """False if somebody else has it by now."""
    return (
        await execute(
            connection,
            "UPDATE delivery SET lease_until = $3 WHERE id = $1 AND claim = $2",
            claimed.id,
            claimed.claim,
            lease_until,
        )
        == 1
    )


async def mark_data_started(connection: Connection, claimed: Claimed, now: datetime) -> bool:
    """False if somebody else has it by now: then not a byte of it may be sent."""
    return (
        await execute(
            connection,
            "UPDATE delivery SET data_started_at = $3 WHERE id = $1 AND claim = $2 AND lease_until > $3",
            claimed.id,
            claimed.claim,
            now,
        )
        == 1
    )


async def move_to_settled(
    connection: Connection, claimed: Claimed, move: Move, smtp_code: int | None, now: datetime
) -> bool:
    """Compare-and-set on the claim. `settled_at` is set by every state that nobody waits in."""
    return (
        await execute(
            connection,
            "UPDATE delivery SET state = $3::text, tries = $4, due_at = coalesce($5, due_at), cause = $6,"
            " smtp_code = $7, claim = NULL, lease_until = NULL,"
            " settled_at = CASE WHEN $3 IN ('queued', 'retry_wait', 'unknown') THEN NULL ELSE $8::timestamptz END"
            " WHERE id = $1 AND claim = $2",
            claimed.id,
            claimed.claim,
            move.state,
            move.tries,
            move.due_at,
            move.cause,
            smtp_code,
            now,
        )
        == 1
    )
