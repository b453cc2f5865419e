"""Which clerk has the visit in the calendar, in which mailbox, under which UID and SEQUENCE."""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.calendars import CalendarChannel
from kit.ids import uuid7
from kit.sql import Connection, execute, fetch_all, fetch_optional


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    clerk_id: UUID
    display_name: str
    email: str
    """Of the mailbox that has the entry: not always the clerk's of today."""
    sequence: int
    starts_at: datetime
    ends_at: datetime
    live: bool
    channel: CalendarChannel


async def list_assignments(connection: Connection, tenant: str, appointment_id: UUID) -> list[Assignment]:
    return await fetch_all(
        connection,
        Assignment,
        "SELECT g.id, g.clerk_id, c.display_name, coalesce(g.email, c.email) AS email, g.sequence, g.starts_at,"
        " g.ends_at, g.live, coalesce(k.channel, c.calendar) AS channel"
        " FROM assignment g JOIN clerk c ON c.id = g.clerk_id"
        " LEFT JOIN clerk_calendar k ON k.clerk_id = c.id"
        " WHERE c.tenant = $1 AND g.appointment_id = $2 ORDER BY g.id",
        tenant,
        appointment_id,
    )


async def find_clerk_of_lane(connection: Connection, tenant: str, lane_id: int) -> UUID | None:
    """None where the lane is a counter: then nobody's calendar has it."""
    clerk_id: UUID | None = await connection.fetchval(
        "SELECT clerk_id FROM lane WHERE tenant = $1 AND id = $2", tenant, lane_id
    )
    return clerk_id


async def insert_assignment(
    connection: Connection,
    appointment_id: UUID,
    clerk_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
) -> UUID:
    id_ = uuid7()
    await execute(
        connection,
        "INSERT INTO assignment (id, appointment_id, clerk_id, email, starts_at, ends_at, changed_at)"
        " SELECT $1, $2, id, email, $4, $5, $6 FROM clerk WHERE id = $3",
        id_,
        appointment_id,
        clerk_id,
        starts_at,
        ends_at,
        now,
    )
    return id_


async def move_assignment(
    connection: Connection,
    appointment_id: UUID,
    clerk_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
) -> bool:
    """The same entry at another time, if this clerk has it."""
    touched = await execute(
        connection,
        "UPDATE assignment SET starts_at = $3, ends_at = $4, sequence = sequence + 1, changed_at = $5"
        " WHERE appointment_id = $1 AND clerk_id = $2 AND live",
        appointment_id,
        clerk_id,
        starts_at,
        ends_at,
        now,
    )
    return touched > 0


async def end_assignments(
    connection: Connection, appointment_id: UUID, now: datetime, keep: UUID | None = None
) -> None:
    """All but `keep`'s leave the clerks' calendars; they hold their last start and end, which a CANCEL must name."""
    await execute(
        connection,
        "UPDATE assignment SET live = false, sequence = sequence + 1, changed_at = $3"
        " WHERE appointment_id = $1 AND live AND clerk_id IS DISTINCT FROM $2",
        appointment_id,
        keep,
        now,
    )


class Place(msgspec.Struct, frozen=True):
    """Where and with whom: what an appointment's page and letter show."""

    unit: str
    location: str
    street: str
    postcode: str
    city: str
    room: str | None
    clerk: str
    """Where the lane is a counter, its name."""
    clerk_function: str


async def find_place(connection: Connection, tenant: str, appointment_id: UUID) -> Place | None:
    return await fetch_optional(
        connection,
        Place,
        "SELECT u.name AS unit, l.name AS location, l.street, l.postcode, l.city, n.room,"
        " coalesce(c.display_name, n.label) AS clerk, coalesce(c.public_function, '') AS clerk_function"
        " FROM appointment a JOIN organisational_unit u ON u.id = a.unit_id JOIN location l ON l.id = a.location_id"
        " JOIN lane n ON n.id = a.lane_id LEFT JOIN clerk c ON c.id = n.clerk_id WHERE a.tenant = $1 AND a.id = $2",
        tenant,
        appointment_id,
    )
