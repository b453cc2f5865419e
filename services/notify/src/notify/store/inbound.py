"""The service mailbox: how far it was read, which mails were taken, what clerks answered."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from kit.sql import Connection, execute, fetch_all, fetch_one, fetch_optional
from notify.domain.inbound.found import Answer
from notify.domain.inbound.judging import Invited, Verdict


class Cursor(msgspec.Struct, frozen=True):
    uid_validity: int
    last_uid: int


async def claim_mailbox(
    connection: Connection, mailbox: str, reader: UUID, now: datetime, lease_until: datetime
) -> bool:
    """False while somebody else looks into it. Servers double a mail that two connections move at once."""
    touched = await execute(
        connection,
        "INSERT INTO mailbox_cursor AS c (mailbox, uid_validity, last_uid, read_at, reader, lease_until)"
        " VALUES ($1, 0, 0, $3, $2, $4) ON CONFLICT (mailbox) DO UPDATE SET reader = $2, lease_until = $4"
        " WHERE c.lease_until IS NULL OR c.lease_until < $3 OR c.reader = $2",
        mailbox,
        reader,
        now,
        lease_until,
    )
    return touched == 1


async def release_mailbox(connection: Connection, mailbox: str, reader: UUID) -> None:
    await execute(
        connection,
        "UPDATE mailbox_cursor SET reader = NULL, lease_until = NULL WHERE mailbox = $1 AND reader = $2",
        mailbox,
        reader,
    )


async def lock_cursor(connection: Connection, mailbox: str, uid_validity: int, now: datetime) -> Cursor:
    """Whoever has it takes mails of this mailbox alone. Under another UIDVALIDITY it begins anew."""
    return await fetch_one(
        connection,
        Cursor,
        "INSERT INTO mailbox_cursor AS c (mailbox, uid_validity, last_uid, read_at) VALUES ($1, $2, 0, $3)"
        " ON CONFLICT (mailbox) DO UPDATE SET uid_validity = $2, read_at = $3,"
        " last_uid = CASE WHEN c.uid_validity = $2 THEN c.last_uid ELSE 0 END"
        " RETURNING uid_validity, last_uid",
        mailbox,
        uid_validity,
        now,
    )


async def move_cursor(connection: Connection, mailbox: str, uid: int) -> None:
    await execute(connection, "UPDATE mailbox_cursor SET last_uid = $2 WHERE mailbox = $1", mailbox, uid)


class NewMail(msgspec.Struct, frozen=True, kw_only=True):
    hash: str
    mailbox: str
    uid_validity: int
    uid: int
    verdict: Verdict
    reason: str
    delivery_id: UUID | None = None


async def find_taken(connection: Connection, hash_: str) -> Verdict | None:
    verdict: Verdict | None = await connection.fetchval(
        "SELECT verdict FROM inbound_mail WHERE hash = $1 AND reason <> 'again'", hash_
    )
    return verdict


async def insert_mail(connection: Connection, new: NewMail, now: datetime) -> None:
    await execute(
        connection,
        "INSERT INTO inbound_mail (hash, mailbox, uid_validity, uid, verdict, reason, delivery_id, taken_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        new.hash,
        new.mailbox,
        new.uid_validity,
        new.uid,
        new.verdict,
        new.reason,
        new.delivery_id,
        now,
    )


FILED_AT_ONCE = 500
"""They stand in one command, whose length servers limit."""


async def list_to_file(connection: Connection, mailbox: str, uid_validity: int) -> list[int]:
    rows = await connection.fetch(
        "SELECT uid FROM inbound_mail WHERE mailbox = $1 AND uid_validity = $2 AND filed_at IS NULL"
        " AND verdict <> 'people' ORDER BY uid LIMIT $3",
        mailbox,
        uid_validity,
        FILED_AT_ONCE,
    )
    return [row["uid"] for row in rows]


async def mark_filed(
    connection: Connection, mailbox: str, uid_validity: int, uids: Sequence[int], now: datetime
) -> None:
    await execute(
        connection,
        "UPDATE inbound_mail SET filed_at = $4"
        " WHERE mailbox = $1 AND uid_validity = $2 AND uid = ANY($3::bigint[]) AND filed_at IS NULL",
        mailbox,
        uid_validity,
        uids,
        now,
    )


async def find_invited(connection: Connection, calendar_uid: str, recipient_hash: str) -> Invited | None:
    """By what reached the wire: a revision that still waits was not answered yet."""
    return await fetch_optional(
        connection,
        Invited,
        "SELECT tenant, appointment_id, calendar_sequence AS sequence, calendar_method AS method FROM delivery"
        " WHERE calendar_uid = $1 AND recipient_hash = $2 AND audience = 'clerk' AND data_started_at IS NOT NULL"
        " ORDER BY position DESC LIMIT 1",
        calendar_uid,
        recipient_hash,
    )


async def save_answer(connection: Connection, answer: Answer, now: datetime) -> bool:
    """False if this mail was heard before."""
    touched = await execute(
        connection,
        "INSERT INTO clerk_answer AS a (calendar_uid, sequence, answer, answered_at, mails)"
        " VALUES ($1, $2, $3, $4, ARRAY[$5]) ON CONFLICT (calendar_uid, sequence) DO UPDATE SET answer = $3,"
        " answered_at = $4, mails = a.mails || $5 WHERE $5 <> ALL (a.mails)",
        answer.uid,
        answer.sequence,
        answer.kind,
        now,
        answer.mail,
    )
    return touched == 1


class VerdictCount(msgspec.Struct, frozen=True):
    verdict: Verdict
    reason: str
    count: int


async def count_mails(connection: Connection) -> list[VerdictCount]:
    return await fetch_all(
        connection,
        VerdictCount,
        "SELECT verdict, reason, count(*) AS count FROM inbound_mail GROUP BY verdict, reason ORDER BY verdict, reason",
    )


async def delete_old_mails(connection: Connection, taken_before: datetime) -> int:
    mails = await execute(connection, "DELETE FROM inbound_mail WHERE taken_at < $1", taken_before)
    return mails + await execute(connection, "DELETE FROM clerk_answer WHERE answered_at < $1", taken_before)
