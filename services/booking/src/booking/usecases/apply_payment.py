"""News of a payment reaches its appointment: by event, or by asking."""

import logging
from uuid import UUID

import msgspec

from booking.clients.payment import PaymentClient, PaymentRefused
from booking.domain.appointment import Appointment, Decision
from booking.domain.errors import NotFound, SlotTaken
from booking.domain.settlement import PaymentNews, refuse_late, settle
from booking.store.appointments import get_appointment, lock_appointment
from booking.store.erasure import was_erased
from booking.usecases.record import record
from booking.usecases.view_appointment import Access
from contracts.payment import PaymentEvent, PaymentView
from kit.clock import Clock
from kit.sql import Connection, Pool

log = logging.getLogger(__name__)


async def apply_payment_event(connection: Connection, clock: Clock, payload: bytes) -> None:
    """In the transaction that also holds the event's inbox row. A payment of a portal's is ignored."""
    try:
        event = msgspec.json.decode(payload, type=PaymentEvent)
    except msgspec.ValidationError as error:  # of a newer payment; whoever waits is asked about by the sweep
        log.warning("event not understood", extra={"cause": str(error)})
        return
    appointment_id = _appointment_of(event)
    if appointment_id is None:
        return
    try:
        await _apply(connection, clock, Access(event.tenant, appointment_id), _news(event, event.payment_id))
    except NotFound:
        return


async def ask_payment(pool: Pool, client: PaymentClient, clock: Clock, access: Access) -> None:
    """For whom waits: the page that the citizen comes back to, and the sweep. Raises PaymentAway, NotFound."""
    async with pool.acquire() as connection:
        appointment = await get_appointment(connection, access.tenant, access.appointment_id)
    if appointment.payment_id is None:
        return
    try:
        payment = await client.read(access.tenant, appointment.payment_id)
    except PaymentRefused:
        return
    async with pool.acquire() as connection, connection.transaction():
        await _apply(connection, clock, access, _news(payment, payment.id))


async def _apply(connection: Connection, clock: Clock, access: Access, news: PaymentNews) -> None:
    """Raises NotFound."""
    appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
    while decision := settle(appointment, news, clock()):
        appointment = await _record(connection, clock, decision, news)
        if news.payment_id != appointment.payment_id:
            return


async def _record(connection: Connection, clock: Clock, decision: Decision, news: PaymentNews) -> Appointment:
    if not decision.takes_slot:
        return await record(connection, decision)
    if await was_erased(connection, decision.before.id):  # nobody would come, and nobody could be told
        return await record(connection, refuse_late(decision.before, news, clock()))
    try:
        async with connection.transaction():
            return await record(connection, decision)
    except SlotTaken:
        return await record(connection, refuse_late(decision.before, news, clock()))


def _appointment_of(event: PaymentEvent) -> UUID | None:
    """Our reference is the appointment's id; a portal's may be anything."""
    try:
        return UUID(event.reference)
    except ValueError:
        return None


def _news(source: PaymentEvent | PaymentView, payment_id: UUID) -> PaymentNews:
    told = source.type if isinstance(source, PaymentEvent) else None
    return PaymentNews(
        payment_id=payment_id,
        version=source.version,
        state=source.state,
        amount_cents=source.amount.amount_cents,
        refunded_cents=source.refunded.amount_cents,
        checking=told == "payment.checking" if isinstance(source, PaymentEvent) else source.checking,
        refund_failed=told == "payment.refund_failed",
    )
