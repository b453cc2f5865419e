"""Visits as the staff sees them: with the person, the services, the clerk and the money, one statement a page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, LiteralString
from uuid import UUID

import msgspec

from booking.domain.appointment import BookedVia, PaymentMode
from contracts.booking import AppointmentState
from contracts.payment import PaymentState
from kit.sql import Connection, fetch_all, fetch_optional


class VisitItem(msgspec.Struct, frozen=True, kw_only=True):
    service_id: UUID
    service: str
    quantity: int
    documents: tuple[str, ...]


class VisitRow(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    number: str
    state: AppointmentState
    version: int
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    channel: Literal["on_site", "phone", "video"]
    booked_via: BookedVia
    overbooked: bool
    expires_at: datetime | None
    fee_cents: int | None
    fee_kind: Literal["fixed", "none", "on_request"]
    payment_mode: PaymentMode
    payment_state: PaymentState | None
    paid_cents: int
    refunded_cents: int
    returned_cents: int
    counter_paid_cents: int | None
    treasury_reference: str | None
    rebook_until: datetime | None
    office_note: str
    unit: str
    location_id: UUID
    location: str
    clerk_id: UUID | None
    clerk: str
    """Where the lane is a counter, its name."""
    room: str | None
    given_name: str | None
    """All of the person is null before the contact is given, for who walked in, and after erasure."""
    family_name: str | None
    organisation: str | None
    email: str | None
    phone: str | None
    verified_at: datetime | None
    mail_failed_at: datetime | None
    refused: bool
    """Its clerk said no to it as it stands, and nobody has seen to that yet."""
    services: tuple[VisitItem, ...]


class VisitFilter(msgspec.Struct, frozen=True, kw_only=True):
    since: datetime
    before: datetime
    location_id: UUID | None = None
    clerk_id: UUID | None = None
    states: Sequence[AppointmentState]
    number_begin: str = ""
    name_words: Sequence[str] = ()
    """Folded; each must begin a word of the person's name."""
    after: tuple[datetime, UUID] | None = None
    """Start and id of the last one of the page before."""
    limit: int


_VISIT: LiteralString = """
    SELECT a.id, a.number, a.state, a.version, a.starts_at, a.ends_at, a.time_zone, a.channel, a.booked_via,
           a.overbooked, a.expires_at, a.fee_cents, a.fee_kind, a.payment_mode, a.payment_state, a.paid_cents,
           a.refunded_cents, a.returned_cents, a.counter_paid_cents, a.treasury_reference, a.rebook_until,
           a.office_note, u.name AS unit, a.location_id, l.name AS location, n.clerk_id,
           coalesce(c.display_name, n.label) AS clerk, n.room,
           p.given_name, p.family_name, p.organisation, p.email, p.phone, p.verified_at, p.mail_failed_at,
           EXISTS (SELECT 1 FROM reassign_task t JOIN assignment g ON g.id = t.assignment_id
                   WHERE t.appointment_id = a.id AND t.closed_at IS NULL AND g.live AND g.sequence = t.sequence
                  ) AS refused,
           (SELECT jsonb_agg(jsonb_build_object('service_id', i.service_id, 'service', s.name,
                                                'quantity', i.quantity, 'documents', s.documents) ORDER BY i.position)
            FROM appointment_item i JOIN service s ON s.id = i.service_id WHERE i.appointment_id = a.id) AS services
    FROM appointment a
    JOIN organisational_unit u ON u.id = a.unit_id
    JOIN location l ON l.id = a.location_id
    JOIN lane n ON n.id = a.lane_id
    LEFT JOIN clerk c ON c.id = n.clerk_id
    LEFT JOIN contact p ON p.appointment_id = a.id AND p.bound_at IS NOT NULL -- a draft is nobody's business
"""
_WANTED: LiteralString = """
    WHERE a.tenant = $1 AND a.booked_via <> 'waitlist' AND a.starts_at >= $2 AND a.starts_at < $3
      AND ($4::uuid IS NULL OR a.location_id = $4)
      AND ($5::uuid IS NULL OR n.clerk_id = $5)
      AND a.state = ANY($6)
      AND a.number LIKE $7 || '%'
      AND (cardinality($8::text[]) = 0 OR a.id IN (
           SELECT q.appointment_id FROM contact q WHERE q.tenant = $1 AND q.bound_at IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM unnest($8::text[]) AS word WHERE ' ' || q.name_key NOT LIKE '% ' || word || '%')))
      AND ($9::timestamptz IS NULL OR (a.starts_at, a.id) > ($9, $10::uuid))
    ORDER BY a.starts_at, a.id LIMIT $11
"""
_ONE: LiteralString = " WHERE a.tenant = $1 AND a.id = $2 AND a.booked_via <> 'waitlist'"
"""Slots that the clock holds for the waitlist are nobody's visits."""


async def find_visit(connection: Connection, tenant: str, appointment_id: UUID) -> VisitRow | None:
    return await fetch_optional(connection, VisitRow, _VISIT + _ONE, tenant, appointment_id)


async def list_visits(connection: Connection, tenant: str, wanted: VisitFilter) -> list[VisitRow]:
    """By their start."""
    after_start, after_id = wanted.after or (None, None)
    return await fetch_all(
        connection,
        VisitRow,
        _VISIT + _WANTED,
        tenant,
        wanted.since,
        wanted.before,
        wanted.location_id,
        wanted.clerk_id,
        wanted.states,
        wanted.number_begin,
        wanted.name_words,
        after_start,
        after_id,
        wanted.limit,
    )


class HistoryRow(msgspec.Struct, frozen=True):
    action: str
    actor: str
    """citizen, staff:<subject>, payment or clock."""
    at: datetime


async def list_history(connection: Connection, tenant: str, appointment_id: UUID) -> list[HistoryRow]:
    return await fetch_all(
        connection,
        HistoryRow,
        "SELECT action, actor, at FROM audit_event WHERE tenant = $1 AND appointment_id = $2 ORDER BY id",
        tenant,
        appointment_id,
    )


async def find_by_number(connection: Connection, tenant: str, number: str) -> UUID | None:
    appointment_id: UUID | None = await connection.fetchval(
        "SELECT id FROM appointment WHERE tenant = $1 AND number = $2", tenant, number
    )
    return appointment_id
