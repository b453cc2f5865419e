from collections.abc import Sequence

import msgspec

from kit.sql import Connection, fetch_optional


class Originator(msgspec.Struct, frozen=True, kw_only=True):
    """An online service, the authorities (end points) it may charge for, and what each item's bookingData must hold."""

    tenant: str
    originator_id: str
    end_points: tuple[str, ...]
    booking_data: tuple[str, ...] = ()


async def delete_originators(connection: Connection, tenant: str) -> None:
    """And their certificates."""
    await connection.execute("DELETE FROM originator WHERE tenant = $1", tenant)


async def insert_originator(connection: Connection, originator: Originator, fingerprints: Sequence[str]) -> None:
    await connection.execute(
        "INSERT INTO originator (tenant, originator_id, end_points, booking_data) VALUES ($1, $2, $3, $4)",
        originator.tenant,
        originator.originator_id,
        list(originator.end_points),
        list(originator.booking_data),
    )
    await connection.executemany(
        "INSERT INTO originator_certificate (fingerprint, tenant, originator_id) VALUES ($1, $2, $3)",
        [(fingerprint, originator.tenant, originator.originator_id) for fingerprint in fingerprints],
    )


async def find_originator(connection: Connection, tenant: str, originator_id: str) -> Originator | None:
    return await fetch_optional(
        connection,
        Originator,
        "SELECT tenant, originator_id, end_points, booking_data FROM originator"
        " WHERE tenant = $1 AND originator_id = $2",
        tenant,
        originator_id,
    )


async def find_originator_by_certificate(connection: Connection, fingerprint: str) -> Originator | None:
    return await fetch_optional(
        connection,
        Originator,
        "SELECT o.tenant, o.originator_id, o.end_points, o.booking_data FROM originator o"
        " JOIN originator_certificate c USING (tenant, originator_id) WHERE c.fingerprint = $1",
        fingerprint,
    )
