"""The services of a visit, when they change."""

from collections.abc import Sequence
from uuid import UUID

from booking.store.holds import ItemRow
from kit.sql import Connection, execute


async def replace_items(connection: Connection, tenant: str, appointment_id: UUID, items: Sequence[ItemRow]) -> None:
    await execute(
        connection,
        "DELETE FROM appointment_item i USING appointment a"
        " WHERE a.tenant = $1 AND a.id = $2 AND i.appointment_id = a.id",
        tenant,
        appointment_id,
    )
    await connection.executemany(
        "INSERT INTO appointment_item (appointment_id, position, service_id, offering_id, quantity, duration_min,"
        " fee_cents) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            (
                appointment_id,
                position,
                item.service_id,
                item.offering_id,
                item.quantity,
                item.duration_min,
                item.fee_cents,
            )
            for position, item in enumerate(items, 1)
        ],
    )
