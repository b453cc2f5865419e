"""Mails on their way: writing them, taking the next one, and moving it on. Reading for people: `delivery_lists`."""

from datetime import datetime
from uuid import UUID

import msgspec

from kit.sql import Connection, execute, fetch_one, fetch_optional
from notify.domain.delivery import State, sources_of
from notify.domain.kinds import Method
from notify.domain.mail import Mail
from notify.domain.pausing import Cause
from notify.domain.sending import Candidate, Move


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


class Due(Candidate, frozen=True, kw_only=True):
    id: UUID
    account: str
    """Whose way into a mail server it takes: its tenant's own; empty: the house's."""
    pause_cause: Cause | None
    """Its pause is over, and this mail may be the probe. None: there was none."""
    pause_level: int | None


async def lock_next(connection: Connection, now: datetime) -> Due | None:
    """The next mail whose turn it is; of each calendar entry and recipient only the oldest open one.

    It may be superseded: a sender had it in hand when `supersede_older` looked.

    Nothing of an account whose server is left in peace. `array_position` says it so that the planner takes the first of
    an index, however many wait: of `<> ALL` it believes that hardly any row fits, and sorts them all.
    """
    return await fetch_optional(
        connection,
        Due,
        "SELECT due.id, due.kind, due.state, due.expires_at, due.resend_number, due.time_zone,"
        " appointment.state AS appointment_state, coalesce(tenant.profile->>'ars', '') AS ars,"
        " coalesce(smtp_account.tenant, '') AS account,"
        " relay_pause.cause AS pause_cause, relay_pause.level AS pause_level,"
        " EXISTS (SELECT 1 FROM delivery AS earlier WHERE earlier.calendar_uid = due.calendar_uid"
        "   AND earlier.recipient_hash = due.recipient_hash AND earlier.position < due.position"
        "   AND earlier.calendar_method = 'REQUEST' AND earlier.data_started_at IS NOT NULL) AS was_invited,"
        " EXISTS (SELECT 1 FROM delivery AS newer WHERE newer.calendar_uid = due.calendar_uid"
        "   AND newer.recipient_hash = due.recipient_hash AND newer.position > due.position"
        "   AND (newer.calendar_sequence > due.calendar_sequence"
        "     OR newer.calendar_sequence = due.calendar_sequence AND due.kind = 'rebooking'"
        "       AND newer.kind IN ('cancelled', 'declined'))) AS has_newer,"
        " EXISTS (SELECT 1 FROM suppression WHERE suppression.tenant = due.tenant"
        "   AND suppression.recipient_hash = due.recipient_hash) AS address_refused"
        " FROM (SELECT id, tenant, appointment_id, kind, state, expires_at, resend_number, time_zone, calendar_uid,"
        "   calendar_sequence, recipient_hash, position FROM delivery"
        "   WHERE state IN ('queued', 'retry_wait', 'unknown') AND due_at <= $1"
        "   AND NOT EXISTS (SELECT 1 FROM delivery AS older WHERE older.calendar_uid = delivery.calendar_uid"
        "     AND older.recipient_hash = delivery.recipient_hash AND older.position < delivery.position"
        "     AND older.state IN ('queued', 'claimed', 'retry_wait', 'unknown'))"
        "   AND array_position(ARRAY(SELECT paused.slug FROM tenant AS paused"
        "     LEFT JOIN smtp_account AS own ON own.tenant = paused.slug"
        "     JOIN relay_pause AS pause ON pause.account = coalesce(own.tenant, '') AND pause.until > $1),"
        "     delivery.tenant) IS NULL"
        "   ORDER BY due_at, position LIMIT 1 FOR UPDATE SKIP LOCKED) AS due"
        " LEFT JOIN appointment ON appointment.id = due.appointment_id"
        " LEFT JOIN tenant ON tenant.slug = due.tenant"
        " LEFT JOIN smtp_account ON smtp_account.tenant = due.tenant"
        " LEFT JOIN relay_pause ON relay_pause.account = coalesce(smtp_account.tenant, '')",
        now,
    )


class Claimed(Mail, frozen=True, kw_only=True):
    """A mail in a sender's hands; `claim` names whose."""

    claim: UUID
    recipient: str
    recipient_hash: str
    message: bytes
    tries: int
    deferred_since: datetime | None
    expires_at: datetime | None
    address_refused: bool
    """An earlier mail to this recipient was refused."""
    account: str
    account_secrets: bytes | None
    """None: the house's account."""
    pause_cause: Cause | None
    """The pause after which it is the probe; None: there was none."""
    pause_level: int | None


async def move_to_claimed(connection: Connection, due: Due, claim: UUID, lease_until: datetime) -> Claimed:
    return await fetch_one(
        connection,
        Claimed,
        "UPDATE delivery SET state = 'claimed', claim = $2, lease_until = $3, tries = tries + 1 WHERE id = $1"
        " RETURNING id, claim, tenant, appointment_id, invitation_id, audience, kind, recipient, recipient_hash,"
        " message, tries, deferred_since, expires_at, $4::boolean AS address_refused, $5::text AS account,"
        " (SELECT secrets FROM smtp_account WHERE smtp_account.tenant = $5) AS account_secrets,"
        " $6::text AS pause_cause, $7::int AS pause_level",
        due.id,
        claim,
        lease_until,
        due.address_refused,
        due.account,
        due.pause_cause,
        due.pause_level,
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


class Settled(msgspec.Struct, frozen=True):
    is_erased: bool
    """Its person, or one that it names to a clerk, was forgotten while it was on its way."""


async def move_to_settled(
    connection: Connection, claimed: Claimed, move: Move, smtp_code: int | None, now: datetime
) -> Settled | None:
    """Compare-and-set on the claim; None: somebody else has it. `settled_at` is set by every state nobody waits in."""
    return await fetch_optional(
        connection,
        Settled,
        "UPDATE delivery SET state = $3::text, tries = $4, due_at = coalesce($5, due_at), deferred_since = $6,"
        " cause = $7, smtp_code = $8, claim = NULL, lease_until = NULL,"
        " settled_at = CASE WHEN $3 IN ('queued', 'retry_wait', 'unknown') THEN NULL ELSE $9::timestamptz END"
        " WHERE id = $1 AND claim = $2 RETURNING"
        " EXISTS (SELECT 1 FROM appointment WHERE appointment.id = delivery.appointment_id"
        "   AND erased_version IS NOT NULL)"
        " OR EXISTS (SELECT 1 FROM named_citizen JOIN appointment ON appointment.id = named_citizen.appointment_id"
        "   WHERE named_citizen.delivery_id = delivery.id AND erased_version IS NOT NULL) AS is_erased",
        claimed.id,
        claimed.claim,
        move.state,
        move.tries,
        move.due_at,
        move.deferred_since,
        move.cause,
        smtp_code,
        now,
    )
