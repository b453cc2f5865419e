"""Tell the others what became of a mail: an event, in the transaction that makes it true."""

from datetime import datetime
from typing import Final

from contracts.notify import DeliveryEvent, DeliveryEventType
from kit.ids import uuid7
from kit.outbox import add_event
from kit.sql import Connection
from notify.domain.delivery import State
from notify.domain.mail import Mail

TYPES: Final[dict[State, DeliveryEventType]] = {
    "accepted": "notify.delivery.accepted",
    "failed": "notify.delivery.failed",
    "expired": "notify.delivery.expired",
    "bounced": "notify.delivery.bounced",
}
"""Of the other states nobody needs to hear."""


async def tell_delivery(
    connection: Connection,
    mail: Mail,
    state: State,
    now: datetime,
    *,
    cause: str | None = None,
    address_refused: bool = False,
) -> None:
    type_ = TYPES.get(state)
    if type_ is None:
        return
    event = DeliveryEvent(
        id=uuid7(),
        type=type_,
        tenant=mail.tenant,
        delivery_id=mail.id,
        version=2 if state == "bounced" else 1,
        appointment_id=mail.appointment_id,
        invitation_id=mail.invitation_id,
        audience=mail.audience,
        kind=mail.kind,
        cause=cause,
        address_refused=address_refused,
        occurred_at=now,
    )
    await add_event(connection, event.id, event.type, event)
