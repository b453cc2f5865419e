"""Mails that came back."""

from datetime import datetime
from uuid import UUID

from kit.sql import Connection, fetch_optional
from notify.domain.delivery import sources_of
from notify.domain.mail import Mail


class Bounced(Mail, frozen=True, kw_only=True):
    recipient_hash: str
    is_erased: bool
    """The citizen is forgotten: nothing more is remembered of the address."""


async def move_to_bounced(connection: Connection, delivery_id: UUID, cause: str) -> Bounced | None:
    """None: there is no such mail, or it is in no state in which it could have come back."""
    return await fetch_optional(
        connection,
        Bounced,
        "UPDATE delivery SET state = 'bounced', cause = $2 WHERE id = $1 AND state = ANY($3::text[])"
        " RETURNING id, tenant, appointment_id, invitation_id, audience, kind, recipient_hash,"
        " recipient_hash LIKE 'erased:%' AS is_erased",
        delivery_id,
        cause,
        sources_of("bounced"),
    )


async def find_state(connection: Connection, delivery_id: UUID) -> str | None:
    state: str | None = await connection.fetchval("SELECT state FROM delivery WHERE id = $1", delivery_id)
    return state


async def delete_old_bounces(connection: Connection, before: datetime) -> int:
    """An address that came back is written to again after a while: a mailbox may be mended."""
    deleted: int = await connection.fetchval(
        "WITH gone AS (DELETE FROM suppression WHERE cause LIKE 'dsn%' AND created_at < $1 RETURNING 1)"
        " SELECT count(*) FROM gone",
        before,
    )
    return deleted
