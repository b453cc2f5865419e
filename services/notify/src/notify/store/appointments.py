"""The projection: what notify knows of an appointment, by the newest version heard or read."""

from datetime import datetime
from uuid import UUID

from contracts.booking import AppointmentEvent, Letter
from kit.sql import Connection, execute


async def insert_appointment(connection: Connection, seen: AppointmentEvent | Letter, now: datetime) -> bool:
    """Or bring it up to this version; False if the same or a newer one is known."""
    touched = await execute(
        connection,
        "INSERT INTO appointment (id, tenant, version, state, updated_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (id) DO UPDATE"
        " SET version = EXCLUDED.version, state = EXCLUDED.state, updated_at = EXCLUDED.updated_at"
        " WHERE appointment.version < EXCLUDED.version",
        seen.appointment_id,
        seen.tenant,
        seen.version,
        seen.state,
        now,
    )
    return touched == 1


async def lock_appointment(connection: Connection, id_: UUID) -> None:
    """Whoever writes mails about an appointment does so alone: their positions follow the order of commits."""
    await execute(connection, "SELECT 1 FROM appointment WHERE id = $1 FOR UPDATE", id_)
