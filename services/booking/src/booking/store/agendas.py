"""What stands in clerks' calendars, one statement for all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, LiteralString
from uuid import UUID

import msgspec

from contracts.booking import LetterItem, LetterPlace
from contracts.calendars import CalendarChannel
from contracts.tenant import TenantProfile
from kit.sql import Connection, fetch_all, fetch_optional


class AgendaClerk(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    display_name: str
    email: str
    channel: CalendarChannel
    profile: TenantProfile


_CLERK: LiteralString = (
    "SELECT c.id, c.display_name, c.email, coalesce(k.channel, c.calendar) AS channel, t.profile"
    " FROM clerk c JOIN tenant t ON t.slug = c.tenant LEFT JOIN clerk_calendar k ON k.clerk_id = c.id"
    " WHERE c.retired_at IS NULL"
)


async def find_agenda_clerk(connection: Connection, clerk_id: UUID) -> AgendaClerk | None:
    return await fetch_optional(connection, AgendaClerk, _CLERK + " AND c.id = $1", clerk_id)


async def list_digest_clerks(connection: Connection, tenant: str) -> list[AgendaClerk]:
    return await fetch_all(
        connection,
        AgendaClerk,
        _CLERK + " AND c.tenant = $1 AND coalesce(k.channel, c.calendar) = 'digest' ORDER BY c.id",
        tenant,
    )


class AgendaRow(msgspec.Struct, frozen=True, kw_only=True):
    clerk_id: UUID
    assignment_id: UUID
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    appointment_id: UUID
    number: str
    time_zone: str
    channel: Literal["on_site", "phone", "video"]
    unit: str
    place: LetterPlace
    services: tuple[LetterItem, ...]
    citizen: str | None


async def list_agenda_rows(
    connection: Connection, clerk_ids: Sequence[UUID], since: datetime, until: datetime
) -> list[AgendaRow]:
    """By clerk and start; visits that reach into the time between the two instants."""
    return await fetch_all(
        connection,
        AgendaRow,
        "SELECT g.clerk_id, g.id AS assignment_id, g.sequence, g.changed_at, g.starts_at, g.ends_at, a.id AS"
        " appointment_id, a.number, a.time_zone, a.channel, u.name AS unit, jsonb_build_object('name', l.name,"
        " 'street', l.street, 'postcode', l.postcode, 'city', l.city, 'room', n.room) AS place,"
        " (SELECT coalesce(jsonb_agg(jsonb_build_object('service', s.name, 'quantity', i.quantity, 'names',"
        "   jsonb_strip_nulls(jsonb_build_object('de', s.name, 'en', nullif(s.name_en, ''))))"
        "   ORDER BY i.position), '[]') FROM appointment_item i JOIN service s ON s.id = i.service_id"
        "   WHERE i.appointment_id = a.id) AS services,"
        " p.given_name || ' ' || p.family_name AS citizen"
        " FROM assignment g JOIN appointment a ON a.id = g.appointment_id"
        " JOIN organisational_unit u ON u.id = a.unit_id JOIN location l ON l.id = a.location_id"
        " JOIN lane n ON n.id = a.lane_id LEFT JOIN contact p ON p.appointment_id = a.id AND p.bound_at IS NOT NULL"
        " WHERE g.clerk_id = ANY($1) AND g.live AND g.starts_at < $3 AND g.ends_at > $2"
        " ORDER BY g.clerk_id, g.starts_at, g.id",
        clerk_ids,
        since,
        until,
    )
