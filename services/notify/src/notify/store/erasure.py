"""Forgetting the person of an appointment: the addresses and bytes of its citizen's mails, whatever their state.

A clerk's mails name no citizen, and stay; where the tenant wants citizens named (`named_citizen`), their bytes go, and
a digest that was not sent yet is written anew (`digest_again`). One that a sender has in hand is forgotten when it is
put down.
"""

from collections.abc import Collection
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from kit.sql import Connection, execute

# The fingerprint of the address goes with it; the row's own id keeps it unique.
_FORGET: LiteralString = (
    "UPDATE delivery SET state = CASE WHEN settled_at IS NULL THEN 'suppressed' ELSE delivery.state END,"
    " cause = CASE WHEN settled_at IS NULL THEN 'erased' ELSE cause END, settled_at = coalesce(settled_at, $1),"
    " recipient = NULL, recipient_shown = NULL, message = NULL, recipient_hash = 'erased:' || delivery.id"
    " FROM appointment WHERE appointment.id = delivery.appointment_id AND appointment.erased_version IS NOT NULL"
    " AND delivery.audience = 'citizen' AND delivery.state <> 'claimed'"
)

_FORGET_NAMED: LiteralString = (
    "WITH forgotten AS (UPDATE delivery SET"
    " state = CASE WHEN settled_at IS NULL THEN 'suppressed' ELSE delivery.state END,"
    " cause = CASE WHEN settled_at IS NULL THEN 'erased' ELSE cause END, settled_at = coalesce(settled_at, $1),"
    " recipient_hash = CASE WHEN settled_at IS NULL AND kind = 'digest' THEN 'erased:' || delivery.id"
    " ELSE recipient_hash END,"  # the one that takes its place has the same key
    " message = NULL FROM named_citizen JOIN appointment ON appointment.id = named_citizen.appointment_id"
    " WHERE delivery.id = named_citizen.delivery_id AND appointment.erased_version IS NOT NULL"
    " AND delivery.state <> 'claimed' AND delivery.message IS NOT NULL"
)
_AND_WRITE_AGAIN: LiteralString = (
    " RETURNING delivery.tenant, delivery.clerk_id, delivery.subject_key, delivery.kind, delivery.state,"
    "   delivery.cause), again AS (INSERT INTO digest_again (tenant, day, clerk_id)"
    "   SELECT digest_day.tenant, digest_day.day, forgotten.clerk_id FROM forgotten"
    "   JOIN digest_day ON digest_day.tenant = forgotten.tenant"
    "   AND to_char(digest_day.day, 'YYYY-MM-DD') = split_part(forgotten.subject_key, ':', 3)"
    "   WHERE forgotten.kind = 'digest' AND forgotten.state = 'suppressed' AND forgotten.cause = 'erased'"
    "   ON CONFLICT DO NOTHING)"
    " SELECT count(*) FROM forgotten"
)


async def _forget_named(connection: Connection, where: LiteralString, *arguments: object) -> int:
    forgotten: int = await connection.fetchval(_FORGET_NAMED + where + _AND_WRITE_AGAIN, *arguments)
    return forgotten


async def lock_erasures(connection: Connection, tenant: str) -> None:
    """No person of the tenant is forgotten until the end of the transaction; what was forgotten before is seen."""
    await execute(connection, "SELECT 1 FROM tenant WHERE slug = $1 FOR NO KEY UPDATE", tenant)


async def lock_digests(connection: Connection, tenant: str) -> None:
    """The other side of `lock_erasures`: erasures go side by side, none beside a digest."""
    await execute(connection, "SELECT 1 FROM tenant WHERE slug = $1 FOR SHARE", tenant)


async def list_erased(connection: Connection, appointment_ids: Collection[UUID]) -> set[UUID]:
    rows = await connection.fetch(
        "SELECT id FROM appointment WHERE id = ANY($1) AND erased_version IS NOT NULL", list(appointment_ids)
    )
    return {row["id"] for row in rows}


async def save_erased(connection: Connection, appointment_id: UUID, version: int) -> None:
    await execute(
        connection,
        "UPDATE appointment SET erased_version = greatest(erased_version, $2) WHERE id = $1",
        appointment_id,
        version,
    )


async def forget_mails(connection: Connection, appointment_id: UUID, now: datetime) -> int:
    """All of an appointment that is marked."""
    named = await _forget_named(connection, " AND appointment.id = $2", now, appointment_id)
    return named + await execute(connection, _FORGET + " AND delivery.appointment_id = $2", now, appointment_id)


async def forget_mail(connection: Connection, delivery_id: UUID, now: datetime) -> int:
    """One that a sender has just put down."""
    named = await _forget_named(connection, " AND delivery.id = $2", now, delivery_id)
    return named + await execute(connection, _FORGET + " AND delivery.id = $2", now, delivery_id)


async def forget_waiting(connection: Connection, now: datetime) -> int:
    """Those whose sender died with them in hand, or put them down in the very moment in which their person was
    forgotten.
    """
    named = await _forget_named(connection, " AND delivery.state IN ('retry_wait', 'unknown')", now)
    return named + await execute(connection, _FORGET + " AND delivery.state IN ('retry_wait', 'unknown')", now)


async def forget_settled(connection: Connection, now: datetime) -> int:
    """The same, of those that went, or were given up."""
    named = await _forget_named(connection, " AND delivery.settled_at IS NOT NULL", now)
    return named + await execute(
        connection, _FORGET + " AND delivery.settled_at IS NOT NULL AND message IS NOT NULL", now
    )


async def delete_suppressions(connection: Connection, appointment_id: UUID) -> None:
    """What was remembered of the citizen's address: it was refused."""
    await execute(
        connection,
        "DELETE FROM suppression USING delivery WHERE delivery.appointment_id = $1 AND delivery.audience = 'citizen'"
        " AND suppression.tenant = delivery.tenant AND suppression.recipient_hash = delivery.recipient_hash",
        appointment_id,
    )
