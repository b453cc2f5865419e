"""The appointment as its owner sees it: by API, on the pages, and after each step."""

from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.appointment import Appointment, PaymentMode, PaymentPolicy
from booking.domain.change import Deadlines, last_moment
from booking.domain.change_items import due_cents
from booking.domain.confirmation import may_switch_to_counter
from booking.domain.contact import Contact
from booking.domain.errors import NotFound
from booking.domain.reservation import PAYMENT_LEAD, extensions_left, has_open_payment
from booking.domain.waitlist import Wishes
from booking.store.appointments import Item, get_appointment, list_items
from booking.store.assignments import Place, find_place
from booking.store.contacts import StoredContact, find_contact
from booking.store.deadlines import get_deadlines
from booking.store.earlier_offers import OpenOffer, find_open_offer
from booking.store.waitlist import find_entry
from booking.usecases.find_video_url import find_video_url
from contracts.booking import AppointmentState, EarlierTime
from contracts.money import Money
from kit.sql import Connection, Pool


class Access(msgspec.Struct, frozen=True):
    """Who holds this may see and change this one appointment."""

    tenant: str
    appointment_id: UUID


class LocationView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    street: str
    postcode: str
    city: str
    room: str | None


class ClerkView(msgspec.Struct, frozen=True):
    display_name: str
    function: str


class ItemView(msgspec.Struct, frozen=True, kw_only=True):
    service_id: UUID
    service: str
    service_en: str
    """Empty where nobody translated it."""
    quantity: int
    duration_min: int
    fee: Money | None
    """Of one; null: none, or on request."""
    documents: tuple[str, ...]
    documents_en: tuple[str, ...]
    """Empty where nobody translated them."""


class PaymentStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The appointment's side of its payment. `next_url` and `expires_at` are there while it can still be paid."""

    mode: PaymentMode
    policy: PaymentPolicy
    may_switch_to_counter: bool
    id: UUID | None
    state: str | None
    next_url: str | None
    expires_at: datetime | None
    treasury_reference: str | None
    paid: Money | None
    refunded: Money | None
    due_at_counter: Money | None
    """The whole fee, or what an online payment left of it."""
    status_url: str | None
    """Payment's page: what became of the online payment, and its receipt."""


class AppointmentView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    tenant: str
    number: str
    state: AppointmentState
    version: int
    start: datetime
    end: datetime
    time_zone: str
    channel: Literal["on_site", "phone", "video"]
    expires_at: datetime | None
    """End of the reservation; null once it is confirmed or over."""
    extensions_left: int
    cancel_until: datetime
    """Until then the citizen may cancel alone, and move until `reschedule_until`; afterwards by phone."""
    reschedule_until: datetime
    unit: str
    location: LocationView
    clerk: ClerkView
    items: tuple[ItemView, ...]
    documents: tuple[str, ...]
    """What to bring for all of it, each once."""
    video_url: str | None
    """Where a visit by video takes place."""
    fee: Money | None
    fee_kind: Literal["fixed", "none", "on_request"]
    payment: PaymentStatus
    contact: Contact | None
    is_bound: bool
    """The citizen took the binding step."""
    return_url: str | None
    office_note: str
    """Why the office cancelled or moved it."""
    rebook_until: datetime | None
    """Cancelled by the office, and until then another time may be chosen, with number and payment kept."""
    is_waiting: bool
    """For an earlier time."""
    earlier: EarlierTime | None
    """An earlier time that is held for this citizen."""


async def view_appointment(pool: Pool, access: Access) -> AppointmentView:
    """Raises NotFound."""
    async with pool.acquire() as connection:
        return await read_view(connection, access)


async def read_view(connection: Connection, access: Access) -> AppointmentView:
    appointment = await get_appointment(connection, access.tenant, access.appointment_id)
    place = await find_place(connection, access.tenant, access.appointment_id)
    if place is None:
        raise NotFound("There is no such appointment.")
    items = await list_items(connection, access.tenant, access.appointment_id)
    contact = await find_contact(connection, access.tenant, access.appointment_id)
    deadlines = await get_deadlines(connection, access.tenant, access.appointment_id)
    may_wait = appointment.state == "confirmed"
    return _view(
        appointment,
        place,
        items,
        contact,
        deadlines,
        await find_entry(connection, access.tenant, access.appointment_id) if may_wait else None,
        await find_open_offer(connection, access.tenant, access.appointment_id) if may_wait else None,
        await find_video_url(connection, appointment),
    )


def _view(
    appointment: Appointment,
    place: Place,
    items: list[Item],
    contact: StoredContact | None,
    deadlines: Deadlines,
    wishes: Wishes | None,
    offer: OpenOffer | None,
    video_url: str | None,
) -> AppointmentView:
    zone = ZoneInfo(appointment.time_zone)
    return AppointmentView(
        id=appointment.id,
        tenant=appointment.tenant,
        number=appointment.number,
        state=appointment.state,
        version=appointment.version,
        start=appointment.starts_at.astimezone(zone),
        end=appointment.ends_at.astimezone(zone),
        time_zone=appointment.time_zone,
        channel=appointment.channel,
        expires_at=appointment.expires_at.astimezone(zone) if appointment.expires_at else None,
        extensions_left=extensions_left(appointment),
        cancel_until=last_moment(appointment.starts_at, deadlines.cancel_until_h).astimezone(zone),
        reschedule_until=last_moment(appointment.starts_at, deadlines.reschedule_until_h).astimezone(zone),
        unit=place.unit,
        location=LocationView(
            id=appointment.location_id,
            name=place.location,
            street=place.street,
            postcode=place.postcode,
            city=place.city,
            room=place.room,
        ),
        clerk=ClerkView(place.clerk, place.clerk_function),
        items=tuple(_item(item) for item in items),
        documents=tuple(dict.fromkeys(document for item in items for document in item.documents)),
        video_url=video_url,
        fee=money(appointment.fee_cents),
        fee_kind=appointment.fee_kind,
        payment=_payment(appointment),
        contact=contact.person if contact else None,
        is_bound=contact is not None and contact.bound_at is not None,
        return_url=appointment.return_url,
        office_note=appointment.office_note,
        rebook_until=appointment.rebook_until.astimezone(zone) if appointment.rebook_until else None,
        is_waiting=wishes is not None,
        earlier=_earlier(offer, zone) if offer else None,
    )


def _earlier(offer: OpenOffer, zone: ZoneInfo) -> EarlierTime:
    return EarlierTime(
        start=offer.start.astimezone(zone),
        end=offer.end.astimezone(zone),
        expires_at=offer.expires_at.astimezone(zone),
    )


def _item(item: Item) -> ItemView:
    return ItemView(
        service_id=item.service_id,
        service=item.service,
        service_en=item.service_en,
        quantity=item.quantity,
        duration_min=item.duration_min,
        fee=money(item.fee_cents),
        documents=item.documents,
        documents_en=item.documents_en,
    )


def _payment(appointment: Appointment) -> PaymentStatus:
    is_open = has_open_payment(appointment) and appointment.state == "awaiting_payment"
    zone = ZoneInfo(appointment.time_zone)
    expires_at = appointment.expires_at
    return PaymentStatus(
        mode=appointment.payment_mode,
        policy=appointment.payment_policy,
        may_switch_to_counter=may_switch_to_counter(appointment),
        id=appointment.payment_id,
        state=appointment.payment_state,
        next_url=appointment.payment_next_url if is_open else None,
        expires_at=(expires_at - PAYMENT_LEAD).astimezone(zone) if is_open and expires_at else None,
        treasury_reference=appointment.treasury_reference,
        paid=money(appointment.paid_cents or None),
        refunded=money(appointment.refunded_cents or None),
        due_at_counter=money(due_cents(appointment) or None),
        status_url=appointment.payment_next_url,
    )


def money(cents: int | None) -> Money | None:
    return None if cents is None else Money(cents)
