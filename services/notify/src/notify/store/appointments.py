"""The projection: what notify knows of an appointment, by the newest version heard or read."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from contracts.booking import AppointmentEvent, Letter
from kit.sql import Connection, execute


async def insert_appointment(connection: Connection, seen: AppointmentEvent, now: datetime) -> None:
    await insert_appointments(connection, [seen], now)


async def insert_appointments(connection: Connection, seen: Sequence[AppointmentEvent | Letter], now: datetime) -> None:
    """Or bring them up to these versions; nothing happens where the same or a newer one is known."""
    await execute(
        connection,
        "INSERT INTO appointment (id, tenant, version, state, updated_at)"
        " SELECT id, tenant, version, state, $5 FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[])"
        "   AS seen (id, tenant, version, state) ON CONFLICT (id) DO UPDATE"
        " SET version = EXCLUDED.version, state = EXCLUDED.state, updated_at = EXCLUDED.updated_at"
        " WHERE appointment.version < EXCLUDED.version",
        [one.appointment_id for one in seen],
        [one.tenant for one in seen],
        [one.version for one in seen],
        [one.state for one in seen],
        now,
    )


async def lock_appointment(connection: Connection, id_: UUID) -> None:
    await lock_appointments(connection, [id_])


async def lock_appointments(connection: Connection, ids: Collection[UUID]) -> dict[UUID, int | None]:
    """Whoever writes mails about an appointment does so alone: their positions follow the order of commits.

    In the order of their ids, as everybody does who locks several. For each the version at which its person was
    forgotten, if so.
    """
    rows = await connection.fetch(
        "SELECT id, erased_version FROM appointment WHERE id = ANY($1) ORDER BY id FOR UPDATE", list(ids)
    )
    return {row["id"]: row["erased_version"] for row in rows}
