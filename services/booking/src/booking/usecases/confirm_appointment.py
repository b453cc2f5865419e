"""The binding step. Free, at the counter or after a decision: confirmed at once. Online: on to the checkout.

Where the tenant wants a guest's mail address proved, the link in the mail comes first (usecases/ask_activation.py).
"""

from typing import Annotated, Literal

import msgspec

from booking.domain.activation import is_needed
from booking.domain.appointment import Appointment
from booking.domain.confirmation import choose_mode, confirm
from booking.domain.contact import Contact, require_callable, tidy
from booking.domain.errors import Conflict
from booking.domain.fairness import OPEN_GATE, Gate
from booking.domain.reservation import require_ahead
from booking.domain.return_url import require_allowed
from booking.store.appointments import lock_appointment
from booking.store.contacts import find_contact
from booking.store.profile import get_profile
from booking.usecases.admit import admit, wait_for_turn
from booking.usecases.ask_activation import ask_activation
from booking.usecases.go_to_checkout import Checkout, open_checkout, prepare_checkout
from booking.usecases.once import Once, is_repeat, mark_done
from booking.usecases.record import record
from booking.usecases.save_contact import bind_contact
from booking.usecases.view_appointment import Access, AppointmentView, view_appointment
from contracts.tenant import TenantProfile
from kit.clock import Clock
from kit.sql import Connection, Pool


class Confirmation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    contact: Contact
    payment: Literal["online", "counter"] = "online"
    """The citizen's wish; the service's policy decides."""
    return_url: str | None = None
    """Where our pages lead on to afterwards: a portal."""
    altcha: Annotated[str, msgspec.Meta(max_length=4000)] | None = None
    """A solved challenge (`GET …/challenge?action=confirm`), where the tenant asks for one."""


async def confirm_appointment(
    pool: Pool,
    checkout: Checkout,
    clock: Clock,
    access: Access,
    request: Confirmation,
    gate: Gate = OPEN_GATE,
    *,
    once: Once | None = None,
) -> AppointmentView:
    """A repetition (double-click) answers with the appointment as it stands.

    Raises Invalid, SlotTaken (it had lapsed, and somebody else has the slot), HoldExhausted, Conflict, PaymentAway,
    TooManyHolds, TooManyBookings.
    """
    request = msgspec.structs.replace(request, contact=tidy(request.contact))
    async with pool.acquire() as connection, connection.transaction():
        await wait_for_turn(connection, gate)
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        profile = await get_profile(connection, access.tenant)
        _check_return_url(profile, checkout, request)
        is_over = await is_repeat(connection, once) or await _is_taken(connection, appointment, request)
        prove = gate.needs_activation or profile.mail_activation
        prepared = None if is_over else await _bind(connection, clock, access, appointment, request, gate, prove=prove)
        if prepared is None:
            await mark_done(connection, once)
    if prepared:
        await open_checkout(pool, checkout, clock, prepared, once)
    return await view_appointment(pool, access)


async def _bind(
    connection: Connection,
    clock: Clock,
    access: Access,
    appointment: Appointment,
    request: Confirmation,
    gate: Gate,
    *,
    prove: bool,
) -> Appointment | None:
    """The appointment that goes to the checkout, or None when it is confirmed, or waits for its mail."""
    require_ahead(appointment, clock())
    require_callable(request.contact, appointment.channel)
    mode = choose_mode(appointment, request.payment)
    stored = await find_contact(connection, access.tenant, access.appointment_id)
    if stored and stored.bound_at and stored.person != request.contact:
        raise Conflict("The appointment is booked already; its contact stays.")
    await bind_contact(connection, clock, access, request.contact)
    if not (stored and stored.bound_at):
        await admit(connection, appointment, gate, clock(), by_mail=request.contact.email is not None)
    if is_needed(request.contact, stored.verified_at if stored else None, wanted=prove):
        await ask_activation(connection, clock, appointment, mode, request.return_url)
        return None
    if mode == "online":
        return await prepare_checkout(connection, appointment, request.return_url, clock)
    await record(connection, confirm(appointment, mode, request.return_url, clock()))
    return None


async def _is_taken(connection: Connection, appointment: Appointment, request: Confirmation) -> bool:
    """The step was taken before, by the same person: there is nothing to do again."""
    at_checkout = appointment.state == "awaiting_payment" and appointment.payment_id and request.payment == "online"
    if appointment.state not in ("confirmed", "awaiting_email") and not at_checkout:
        return False
    stored = await find_contact(connection, appointment.tenant, appointment.id)
    return stored is not None and stored.person == request.contact


def _check_return_url(profile: TenantProfile, checkout: Checkout, request: Confirmation) -> None:
    if request.return_url is not None:
        own = [checkout.public_url, *checkout.return_origins]
        require_allowed(request.return_url, [*own, *(f"https://{host}" for host in profile.hosts)])
