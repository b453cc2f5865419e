"""Deliveries as people and other services see them."""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.booking import AppointmentState
from kit.sql import Connection, fetch_all, fetch_optional
from notify.domain.delivery import State
from notify.domain.kinds import Audience, Kind
from notify.store.deliveries import NewDelivery


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    appointment_id: UUID | None
    invitation_id: UUID | None
    """The mail is about one of the two."""
    audience: Audience
    kind: Kind
    state: State
    cause: str | None
    """Why it is not there yet, or never will be."""
    recipient: str | None
    """Masked; null once erased."""
    tries: int
    resend_number: int
    next_try_at: datetime | None
    created_at: datetime
    settled_at: datetime | None


async def list_deliveries(connection: Connection, subject_id: UUID, tenant: str | None) -> list[DeliveryView]:
    """About one appointment or invitation, oldest first. `tenant` None: for the service token, which knows all."""
    return await fetch_all(
        connection,
        DeliveryView,
        "SELECT id, appointment_id, invitation_id, audience, kind, state, cause, recipient_shown AS recipient, tries,"
        " resend_number, CASE WHEN state IN ('queued', 'retry_wait', 'unknown') THEN due_at END AS next_try_at,"
        " created_at, settled_at"
        " FROM delivery WHERE (appointment_id = $1 OR invitation_id = $1) AND ($2::text IS NULL OR tenant = $2)"
        " ORDER BY position",
        subject_id,
        tenant,
    )


async def find_delivery(connection: Connection, id_: UUID, tenant: str | None) -> DeliveryView | None:
    return await fetch_optional(
        connection,
        DeliveryView,
        "SELECT id, appointment_id, invitation_id, audience, kind, state, cause, recipient_shown AS recipient, tries,"
        " resend_number, CASE WHEN state IN ('queued', 'retry_wait', 'unknown') THEN due_at END AS next_try_at,"
        " created_at, settled_at"
        " FROM delivery WHERE id = $1 AND ($2::text IS NULL OR tenant = $2)",
        id_,
        tenant,
    )


class StoredDelivery(NewDelivery, frozen=True, kw_only=True):
    """A delivery with all that a second one of it needs. `resend_number` is the highest so far."""

    state: State
    appointment_state: AppointmentState | None
    """None: it is about no appointment."""
    is_newest: bool
    """No later revision of its calendar entry was written for this recipient."""


async def find_stored(connection: Connection, id_: UUID, tenant: str | None) -> StoredDelivery | None:
    return await fetch_optional(
        connection,
        StoredDelivery,
        "SELECT delivery.id, delivery.tenant, appointment_id, invitation_id, clerk_id, audience, kind, delivery.state,"
        " ARRAY(SELECT n.appointment_id FROM named_citizen n WHERE n.delivery_id = delivery.id) AS named,"
        " subject_key, recipient, recipient_hash, coalesce(recipient_shown, '') AS recipient_shown, message,"
        " calendar_uid, calendar_sequence, calendar_method, time_zone, expires_at,"
        " (SELECT max(other.resend_number) FROM delivery AS other WHERE other.recipient_hash = delivery.recipient_hash"
        "   AND other.subject_key = delivery.subject_key) AS resend_number,"
        " appointment.state AS appointment_state,"
        " NOT EXISTS (SELECT 1 FROM delivery AS newer WHERE newer.calendar_uid = delivery.calendar_uid"
        "   AND newer.recipient_hash = delivery.recipient_hash"
        "   AND newer.calendar_sequence > delivery.calendar_sequence) AS is_newest"
        " FROM delivery LEFT JOIN appointment ON appointment.id = delivery.appointment_id"
        " WHERE delivery.id = $1 AND ($2::text IS NULL OR delivery.tenant = $2)",
        id_,
        tenant,
    )
