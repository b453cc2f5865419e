"""Mails in the hands of senders: taking the next ones, holding them, putting them down; several in one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID, uuid4

import asyncpg
import msgspec

from kit.sql import Connection, execute, fetch_all
from notify.domain.mail import Mail
from notify.domain.pausing import Cause
from notify.domain.sending import Candidate, Move, Outcome

BY_INDEX: Final = {"enable_seqscan": "off", "enable_sort": "off", "plan_cache_mode": "force_generic_plan"}
"""For the connections of those who prepare and send. What they say to the database is always about a few mails, and is
planned once, which takes longer than to do it; along indexes, however many there are: the planner remembers tables in
which hardly anything waits, and would read and sort them all. So each statement names the rows by a condition of their
own (`= ANY`), and not by a join alone, which may begin at either end.
"""


class Due(Candidate, frozen=True, kw_only=True):
    id: UUID
    account: str
    """Whose way into a mail server it takes: its tenant's own; empty: the house's."""
    pause_cause: Cause | None
    """Its pause is over, and this mail may be the probe. None: there was none."""
    pause_level: int | None


class Unreadable(NamedTuple):
    """A row that this release does not understand, as a newer one wrote it."""

    id: UUID
    fault: str


async def lock_due(connection: Connection, now: datetime, count: int) -> list[Due | Unreadable]:
    """The next mails whose turn it is; of each calendar entry and recipient only the oldest open one.

    One may be superseded: a sender had it in hand when `supersede_older` looked.

    Nothing of an account whose server is left in peace. Call it in a transaction of its own.
    """
    await _hurry(connection)
    found = await connection.fetch(
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
        "   ORDER BY due_at, position LIMIT $2 FOR UPDATE SKIP LOCKED) AS due"
        " LEFT JOIN appointment ON appointment.id = due.appointment_id"
        " LEFT JOIN tenant ON tenant.slug = due.tenant"
        " LEFT JOIN smtp_account ON smtp_account.tenant = due.tenant"
        " LEFT JOIN relay_pause ON relay_pause.account = coalesce(smtp_account.tenant, '')",
        now,
        count,
    )
    return [_read(record) for record in found]


def _read(record: asyncpg.Record) -> Due | Unreadable:
    try:
        return msgspec.convert(record, Due)
    except msgspec.ValidationError as error:
        return Unreadable(record["id"], str(error))


async def keep(connection: Connection) -> None:
    """The commit of this transaction waits for the disk after all: others are told of what it does."""
    await connection.execute("SET LOCAL synchronous_commit = on")


async def _hurry(connection: Connection) -> None:
    """For a transaction that claims. Its commit need not wait for the disk: what a crash of the database takes back was
    only a claim, as DATA begins by a commit that does wait (`mark_data_started`). Whoever puts one away waits, too
    (`keep`).
    """
    await connection.execute("SET LOCAL synchronous_commit = off")


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


async def move_to_claimed(connection: Connection, due: Sequence[Due], lease_until: datetime) -> list[Claimed]:
    """Of rows that are locked."""
    return await fetch_all(
        connection,
        Claimed,
        "UPDATE delivery SET state = 'claimed', claim = due.claim, lease_until = $1, tries = tries + 1"
        " FROM unnest($2::uuid[], $3::uuid[], $4::boolean[], $5::text[], $6::text[], $7::int[])"
        "   AS due (id, claim, address_refused, account, pause_cause, pause_level)"
        " LEFT JOIN smtp_account ON smtp_account.tenant = due.account"
        " WHERE delivery.id = ANY($2) AND delivery.id = due.id"
        " RETURNING delivery.id, delivery.claim, delivery.tenant, appointment_id, invitation_id, audience, kind,"
        " recipient, recipient_hash, message, tries, deferred_since, expires_at, due.address_refused, due.account,"
        " secrets AS account_secrets, due.pause_cause, due.pause_level",
        lease_until,
        [one.id for one in due],
        [uuid4() for _ in due],
        [one.address_refused for one in due],
        [one.account for one in due],
        [one.pause_cause for one in due],
        [one.pause_level for one in due],
    )


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


async def mark_data_started(connection: Connection, claimed: Sequence[Claimed], now: datetime) -> set[UUID]:
    """Their claims; of one that is missing somebody else has the mail: then not a byte of it may be sent. Locked in the
    order of their ids, as by whoever else locks several.
    """
    rows = await connection.fetch(
        "UPDATE delivery SET data_started_at = $1"
        " WHERE id = ANY(ARRAY(SELECT id FROM delivery WHERE id = ANY($2) ORDER BY id FOR UPDATE))"
        " AND claim = ANY($3) AND lease_until > $1 RETURNING claim",
        now,
        [one.id for one in claimed],
        [one.claim for one in claimed],
    )
    return {row["claim"] for row in rows}


async def wait_briefly(connection: Connection) -> None:
    """For a lock that somebody else holds; then the transaction fails, as `LockNotAvailableError`."""
    await connection.execute("SET LOCAL lock_timeout = '2s'")


class Settled(msgspec.Struct, frozen=True):
    claim: UUID
    """By which it was held."""
    is_erased: bool
    """Its person, or one that it names to a clerk, was forgotten while it was on its way."""


class Settlement(msgspec.Struct, frozen=True):
    claimed: Claimed
    outcome: Outcome
    move: Move
    """What follows from it."""


async def move_to_settled(
    connection: Connection, settlements: Sequence[Settlement], now: datetime
) -> dict[UUID, Settled]:
    """By claim. Compare-and-set on it: one that is missing, somebody else has. Locked in the order of their ids.

    `settled_at` is set by every state nobody waits in.
    """
    rows = await fetch_all(
        connection,
        Settled,
        "UPDATE delivery SET state = put.state, tries = put.tries, due_at = coalesce(put.due_at, delivery.due_at),"
        " deferred_since = put.deferred_since, cause = put.cause, smtp_code = put.smtp_code, claim = NULL,"
        " lease_until = NULL,"
        " settled_at = CASE WHEN put.state IN ('queued', 'retry_wait', 'unknown') THEN NULL ELSE $1::timestamptz END"
        " FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::timestamptz[], $7::timestamptz[], $8::text[],"
        "   $9::int[]) AS put (id, claim, state, tries, due_at, deferred_since, cause, smtp_code)"
        " WHERE delivery.id = ANY(ARRAY(SELECT id FROM delivery WHERE id = ANY($2) ORDER BY id FOR UPDATE))"
        " AND delivery.id = put.id AND delivery.claim = put.claim RETURNING put.claim,"
        " EXISTS (SELECT 1 FROM appointment WHERE appointment.id = delivery.appointment_id"
        "   AND erased_version IS NOT NULL)"
        " OR EXISTS (SELECT 1 FROM named_citizen JOIN appointment ON appointment.id = named_citizen.appointment_id"
        "   WHERE named_citizen.delivery_id = delivery.id AND erased_version IS NOT NULL) AS is_erased",
        now,
        [one.claimed.id for one in settlements],
        [one.claimed.claim for one in settlements],
        [one.move.state for one in settlements],
        [one.move.tries for one in settlements],
        [one.move.due_at for one in settlements],
        [one.move.deferred_since for one in settlements],
        [one.move.cause for one in settlements],
        [one.outcome.code for one in settlements],
    )
    return {row.claim: row for row in rows}
