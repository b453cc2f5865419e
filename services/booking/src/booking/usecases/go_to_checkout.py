"""From the binding step to payment's checkout page.

Three steps, since no call leaves from inside a transaction: decide and reserve (`prepare_checkout`), ask payment,
write down what it answered. Whoever fails in between repeats the request: the appointment stays reserved with its
contact, and payment answers the same key with the same payment.
"""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from booking.clients.payment import PaymentClient, PaymentRefused
from booking.domain.appointment import Appointment
from booking.domain.errors import Conflict, PaymentAway
from booking.domain.reservation import await_payment, go_to_checkout, is_same_intent, payment_expires_in_s
from booking.domain.wording import worded
from booking.store.appointments import Item, list_items, lock_appointment
from booking.store.contacts import find_contact
from booking.usecases.once import Once, mark_done
from booking.usecases.record import record
from contracts.payment import PURPOSE, NewPayment, PaymentItem, PaymentView
from kit.clock import Clock
from kit.sql import Connection, Pool

VISIT: Final = {"de": "Termin", "en": "Appointment"}


class Checkout(msgspec.Struct, frozen=True, kw_only=True):
    client: PaymentClient
    public_url: str
    """Base of booking's own pages: where payment sends the citizen back to."""
    return_origins: tuple[str, ...] = ()
    """Further origins (portals) to which our page may lead on from there."""


async def prepare_checkout(
    connection: Connection, appointment: Appointment, return_url: str | None, clock: Clock
) -> Appointment:
    """Raises SlotTaken, HoldExhausted, Conflict."""
    if is_same_intent(appointment, return_url, clock()):
        return appointment
    return await record(connection, go_to_checkout(appointment, return_url, clock()))


async def open_checkout(
    pool: Pool, checkout: Checkout, clock: Clock, prepared: Appointment, once: Once | None
) -> Appointment:
    """Raises PaymentAway, Conflict."""
    payment = await _create(checkout, prepared, await _describe(pool, checkout, prepared))
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, prepared.tenant, prepared.id)
        if appointment.payment_id != payment.id:
            if appointment.version != prepared.version:
                raise Conflict("The appointment was changed at the same moment. Load it again.")
            appointment = await record(connection, await_payment(appointment, payment, clock()))
        await mark_done(connection, once)
    return appointment


async def _create(checkout: Checkout, prepared: Appointment, payment: NewPayment) -> PaymentView:
    try:
        return await checkout.client.create(prepared.tenant, payment, f"{prepared.id}:{prepared.version}:create")
    except PaymentRefused as refusal:
        raise PaymentAway(
            f"The payment service refused this payment ({refusal.code}). The time stays reserved; the office was told."
        ) from refusal


async def _describe(pool: Pool, checkout: Checkout, appointment: Appointment) -> NewPayment:
    """Made of stored rows alone: a retry under the same key sends the same body."""
    async with pool.acquire() as connection:
        items = await list_items(connection, appointment.tenant, appointment.id)
        contact = await find_contact(connection, appointment.tenant, appointment.id)
    language: Literal["de", "en"] = "en" if contact and contact.person.language == "en" else "de"
    return NewPayment(
        reference=str(appointment.id),
        description=f"{VISIT[language]} {appointment.number}",
        items=_lines(items, language),
        return_url=f"{checkout.public_url}/{appointment.tenant}/termin/{appointment.id}/zahlung",
        capture="manual",
        language=language,
        expires_in_s=payment_expires_in_s(appointment),
    )


def _lines(items: Sequence[Item], language: str) -> list[PaymentItem]:
    """In the citizen's language; what the treasury reads is German, whoever pays."""
    return [
        PaymentItem(
            description=worded(language, item.service, item.service_en),
            quantity=item.quantity,
            amount_cents=item.fee_cents,
            accounting=_accounting(item, language),
        )
        for item in items
        if item.fee_cents
    ]


def _accounting(item: Item, language: str) -> dict[str, str]:
    is_german = worded(language, item.service, item.service_en) == item.service
    return item.accounting if is_german else {PURPOSE: item.service} | item.accounting
