"""Send a mail once more because a person wants it: a new mail (Message-ID) with the same content, UID and SEQUENCE."""

from typing import NamedTuple
from uuid import UUID

import msgspec

from kit import idempotency
from kit.clock import Clock
from kit.ids import uuid7
from kit.sql import Connection, Pool
from notify.domain.errors import Conflict, KeyReused, NotFound
from notify.domain.resending import Original, check_resend
from notify.mail.mime import renew
from notify.store import deliveries, delivery_lists
from notify.store.accounts import find_mailbox
from notify.store.appointments import lock_appointment
from notify.store.deliveries import NewDelivery
from notify.store.delivery_lists import DeliveryView, StoredDelivery


class Resend(NamedTuple):
    delivery_id: UUID
    tenant: str | None
    """None: asked by a service."""
    key: str
    """Idempotency-Key."""


class _Answer(msgspec.Struct):
    delivery_id: UUID


async def resend_delivery(pool: Pool, clock: Clock, mailbox: str, resend: Resend) -> DeliveryView:
    scope = f"{resend.tenant or 'service'}:resend"
    body = idempotency.fingerprint(resend.delivery_id.bytes)
    async with pool.acquire() as connection, connection.transaction():
        try:
            known = await idempotency.begin(connection, scope, resend.key, body, _Answer)
        except idempotency.KeyReused:
            raise KeyReused from None
        if known is None:
            known = _Answer(await _write_again(connection, clock, mailbox, resend))
            await idempotency.finish(connection, scope, resend.key, known)
        return await _show(connection, known.delivery_id, resend.tenant)


async def _write_again(connection: Connection, clock: Clock, mailbox: str, resend: Resend) -> UUID:
    found = await delivery_lists.find_stored(connection, resend.delivery_id, resend.tenant)
    if found is None:
        raise NotFound("There is no such delivery.")
    if found.appointment_id:
        await lock_appointment(connection, found.appointment_id)
    stored = await delivery_lists.find_stored(connection, resend.delivery_id, resend.tenant)
    own = await find_mailbox(connection, found.tenant)
    new = _again(stored or found, own or mailbox, clock)
    if not await deliveries.insert_delivery(connection, new, clock()):
        raise Conflict("Somebody else has just had this mail sent again.")
    return new.id


def _again(stored: StoredDelivery, mailbox: str, clock: Clock) -> NewDelivery:
    check_resend(
        Original(
            kind=stored.kind,
            state=stored.state,
            expires_at=stored.expires_at,
            appointment_state=stored.appointment_state,
            has_message=stored.message is not None and stored.recipient is not None,
            is_newest=stored.is_newest,
        ),
        clock(),
    )
    id_ = uuid7()
    message_id = f"{id_}@{mailbox.rpartition('@')[2]}"
    values = {name: getattr(stored, name) for name in NewDelivery.__struct_fields__}
    values |= {"id": id_, "resend_number": stored.resend_number + 1}
    values["message"] = renew(stored.message or b"", message_id, clock())
    return NewDelivery(**values)


async def _show(connection: Connection, id_: UUID, tenant: str | None) -> DeliveryView:
    view = await delivery_lists.find_delivery(connection, id_, tenant)
    if view is None:
        raise NotFound("There is no such delivery.")
    return view
