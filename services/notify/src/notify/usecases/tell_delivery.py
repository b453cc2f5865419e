"""Tell the others what became of a mail: an event, in the transaction that makes it true."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from contracts.notify import DeliveryEvent, DeliveryEventType
from kit.ids import uuid7
from kit.outbox import add_events
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


class News(NamedTuple):
    mail: Mail
    state: State
    cause: str | None = None
    address_refused: bool = False


async def tell_delivery(connection: Connection, news: News, now: datetime) -> None:
    await tell_deliveries(connection, [news], now)


async def tell_deliveries(connection: Connection, news: Iterable[News], now: datetime) -> None:
    events = [_event(one, TYPES[one.state], now) for one in news if one.state in TYPES]
    if events:
        await add_events(connection, [(event.id, event.type, event) for event in events])


def _event(news: News, type_: DeliveryEventType, now: datetime) -> DeliveryEvent:
    mail = news.mail
    return DeliveryEvent(
        id=uuid7(),
        type=type_,
        tenant=mail.tenant,
        delivery_id=mail.id,
        version=2 if news.state == "bounced" else 1,
        appointment_id=mail.appointment_id,
        invitation_id=mail.invitation_id,
        audience=mail.audience,
        kind=mail.kind,
        cause=news.cause,
        address_refused=news.address_refused,
        occurred_at=now,
    )
