"""What a service told, as it lies in its outbox."""

from uuid import UUID

import msgspec

from kit.sql import Connection


class OutboxRow(msgspec.Struct, frozen=True):
    event_id: UUID
    subject: str
    payload: msgspec.Raw


async def list_events(connection: Connection) -> list[OutboxRow]:
    """All events, oldest first."""
    rows = await connection.fetch("SELECT event_id, subject, payload FROM outbox ORDER BY position")
    return [
        OutboxRow(row["event_id"], row["subject"], msgspec.Raw(msgspec.json.encode(row["payload"]))) for row in rows
    ]
