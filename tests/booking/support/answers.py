"""What notify tells of mails, and what it makes of a clerk's answer."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from tests.booking.sample import PERSO, TENANT, service_id
from tests.booking.support.life import Life

from booking.domain.responsibility_rules import ResponsibilityRule
from booking.store.responsibility import lock_catalogue, replace_rules
from booking.usecases.apply_mail_event import apply_mail_event
from booking.usecases.view_appointment import Access
from contracts.notify import ClerkDeclinedEvent, DeliveryEvent
from kit.ids import uuid7

DOMAIN = f"{TENANT}.example"


async def hear(life: Life, event: DeliveryEvent | ClerkDeclinedEvent) -> None:
    async with life.pool.acquire() as connection, connection.transaction():
        await apply_mail_event(connection, life.clock, event.type, msgspec.json.encode(event))


def a_bounce(access: Access, **changes: Any) -> DeliveryEvent:
    values: dict[str, Any] = {
        "id": uuid7(),
        "type": "notify.delivery.bounced",
        "tenant": TENANT,
        "delivery_id": uuid7(),
        "version": 2,
        "appointment_id": access.appointment_id,
        "audience": "citizen",
        "kind": "confirmation",
        "cause": "dsn_5.1.1",
        "address_refused": True,
        "occurred_at": datetime(2026, 11, 23, 7, 0, tzinfo=UTC),
    }
    return DeliveryEvent(**(values | changes))


async def a_refusal(life: Life, access: Access, **changes: Any) -> ClerkDeclinedEvent:
    """Of the entry that the visit's clerk has now."""
    row = await life.pool.fetchrow(
        "SELECT id, sequence FROM assignment WHERE appointment_id = $1 AND live", access.appointment_id
    )
    values: dict[str, Any] = {
        "id": uuid7(),
        "tenant": TENANT,
        "appointment_id": access.appointment_id,
        "calendar_uid": f"{row['id']}@{DOMAIN}",
        "sequence": row["sequence"],
        "answer": "declined",
        "occurred_at": life.clock() - timedelta(minutes=1),
    }
    return ClerkDeclinedEvent(**(values | changes))


async def make_deputy(life: Life, clerk_id: UUID, deputy_id: UUID) -> None:
    rule = ResponsibilityRule(
        id=uuid7(), name="A-K", service_ids=(service_id(PERSO),), clerk_id=clerk_id, deputy_id=deputy_id
    )
    async with life.pool.acquire() as connection, connection.transaction():
        await replace_rules(connection, TENANT, [rule])
        await lock_catalogue(connection, TENANT)
