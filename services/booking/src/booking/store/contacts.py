"""The person of an appointment: one row, so that erasure reaches it at once."""

from datetime import datetime
from uuid import UUID

import msgspec

from booking.domain.contact import Contact
from booking.domain.folding import fold
from kit.sql import Connection, execute, fetch_optional


class StoredContact(msgspec.Struct, frozen=True):
    person: Contact
    bound_at: datetime | None
    """When the citizen took the binding step; until then it is a draft, and nobody writes to it."""
    verified_at: datetime | None = None
    """When the mail address was proved by its link."""


class _Row(Contact, frozen=True, kw_only=True):
    bound_at: datetime | None
    verified_at: datetime | None


async def find_contact(connection: Connection, tenant: str, appointment_id: UUID) -> StoredContact | None:
    row = await fetch_optional(
        connection,
        _Row,
        "SELECT given_name, family_name, organisation, email, phone, language, bound_at, verified_at"
        " FROM contact"
        " WHERE tenant = $1 AND appointment_id = $2",
        tenant,
        appointment_id,
    )
    if row is None:
        return None
    return StoredContact(msgspec.convert(row, Contact, from_attributes=True), row.bound_at, row.verified_at)


async def save_contact(
    connection: Connection, tenant: str, appointment_id: UUID, contact: Contact, bound_at: datetime | None
) -> None:
    """A draft again does not unbind."""
    await execute(
        connection,
        "INSERT INTO contact"
        " (appointment_id, tenant, given_name, family_name, organisation, email, phone, language, bound_at, name_key)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (appointment_id) DO UPDATE SET given_name = $3,"
        " family_name = $4, organisation = $5, email = $6, phone = $7, language = $8,"
        " bound_at = coalesce(contact.bound_at, $9), name_key = $10,"
        " mail_failed_at = CASE WHEN contact.email IS NOT DISTINCT FROM $6 THEN contact.mail_failed_at END",
        appointment_id,
        tenant,
        contact.given_name,
        contact.family_name,
        contact.organisation,
        contact.email,
        contact.phone,
        contact.language,
        bound_at,
        fold(f"{contact.family_name} {contact.given_name} {contact.organisation or ''}"),
    )


async def save_language(connection: Connection, tenant: str, appointment_id: UUID, language: str) -> None:
    await execute(
        connection,
        "UPDATE contact SET language = $3 WHERE tenant = $1 AND appointment_id = $2 AND language <> $3",
        tenant,
        appointment_id,
        language,
    )


async def verify_contact(connection: Connection, tenant: str, appointment_id: UUID, at: datetime) -> None:
    """The link that only the mail holds was used."""
    await execute(
        connection,
        "UPDATE contact SET verified_at = $3 WHERE tenant = $1 AND appointment_id = $2",
        tenant,
        appointment_id,
        at,
    )


async def save_mail_failure(connection: Connection, tenant: str, appointment_id: UUID, at: datetime) -> bool:
    """False where it was known before, or the person is forgotten."""
    touched = await execute(
        connection,
        "UPDATE contact SET mail_failed_at = $3"
        " WHERE tenant = $1 AND appointment_id = $2 AND email IS NOT NULL AND mail_failed_at IS NULL",
        tenant,
        appointment_id,
        at,
    )
    return touched == 1


async def find_by_number(connection: Connection, tenant: str, number: str, email: str) -> UUID | None:
    """The bound appointment that both name, if it is still of use."""
    appointment_id: UUID | None = await connection.fetchval(
        "SELECT a.id FROM appointment a JOIN contact c ON c.appointment_id = a.id"
        " WHERE a.tenant = $1 AND a.number = $2 AND lower(c.email) = lower($3) AND c.bound_at IS NOT NULL",
        tenant,
        number,
        email,
    )
    return appointment_id


async def save_cancellation_reason(
    connection: Connection, tenant: str, appointment_id: UUID, reason: str | None
) -> None:
    await execute(
        connection,
        "UPDATE contact SET cancellation_reason = $3 WHERE tenant = $1 AND appointment_id = $2",
        tenant,
        appointment_id,
        reason,
    )
