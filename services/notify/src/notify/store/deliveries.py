"""Mails: writing them, and moving on what no sender has in hand. See `claims`; for people `delivery_lists`."""

from collections.abc import Sequence
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
    return bool(await insert_deliveries(connection, [new], now))


async def insert_deliveries(connection: Connection, new: Sequence[NewDelivery], now: datetime) -> list[NewDelivery]:
    """Those that were not written before; in their order."""
    rows = await connection.fetch(
        "INSERT INTO delivery (id, tenant, appointment_id, invitation_id, clerk_id, audience, kind, subject_key,"
        " recipient, recipient_hash, recipient_shown, message, calendar_uid, calendar_sequence, calendar_method,"
        " time_zone, expires_at, resend_number, due_at, created_at, state, cause, settled_at)"
        " SELECT new.*, $1, $1, CASE WHEN recipient IS NULL THEN 'failed' ELSE 'queued' END,"
        "   CASE WHEN recipient IS NULL THEN 'address_unusable' END,"
        "   CASE WHEN recipient IS NULL THEN $1::timestamptz END"
        " FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[],"
        "   $10::text[], $11::text[], $12::text[], $13::bytea[], $14::text[], $15::int[], $16::text[], $17::text[],"
        "   $18::timestamptz[], $19::int[])"
        "   AS new (id, tenant, appointment_id, invitation_id, clerk_id, audience, kind, subject_key, recipient,"
        "     recipient_hash, recipient_shown, message, calendar_uid, calendar_sequence, calendar_method, time_zone,"
        "     expires_at, resend_number)"
        " ON CONFLICT (subject_key, recipient_hash, resend_number) DO NOTHING RETURNING id",
        now,
        [one.id for one in new],
        [one.tenant for one in new],
        [one.appointment_id for one in new],
        [one.invitation_id for one in new],
        [one.clerk_id for one in new],
        [one.audience for one in new],
        [one.kind for one in new],
        [one.subject_key for one in new],
        [one.recipient for one in new],
        [one.recipient_hash for one in new],
        [one.recipient_shown for one in new],
        [one.message for one in new],
        [one.calendar_uid for one in new],
        [one.calendar_sequence for one in new],
        [one.calendar_method for one in new],
        [one.time_zone for one in new],
        [one.expires_at for one in new],
        [one.resend_number for one in new],
    )
    ids = {row["id"] for row in rows}
    inserted = [one for one in new if one.id in ids]
    for one in inserted:
        if one.named:
            await _insert_named(connection, one)
    return inserted


async def _insert_named(connection: Connection, new: NewDelivery) -> None:
    await execute(
        connection,
        "INSERT INTO named_citizen (delivery_id, appointment_id) SELECT $1, unnest($2::uuid[])",
        new.id,
        new.named,
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


async def hold(connection: Connection, id_: UUID, until: datetime, cause: str) -> None:
    await execute(connection, "UPDATE delivery SET due_at = $2, cause = $3 WHERE id = $1", id_, until, cause)


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
