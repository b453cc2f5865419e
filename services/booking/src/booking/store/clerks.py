"""Clerks, and the member of the staff behind a token."""

from uuid import UUID

from kit.sql import Connection


async def find_clerk_by_subject(connection: Connection, tenant: str, subject: str) -> UUID | None:
    """None for who signs in and is nobody's clerk: an administrator, a treasurer."""
    clerk_id: UUID | None = await connection.fetchval(
        "SELECT id FROM clerk WHERE tenant = $1 AND subject = $2", tenant, subject
    )
    return clerk_id
