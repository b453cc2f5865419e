"""All that a mail about an appointment says. Events carry ids; who writes asks here, and gets the present."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from booking.clients.payment import in_language
from booking.domain.appointment import Appointment
from booking.domain.change_items import due_cents
from booking.domain.contact import Contact
from booking.domain.errors import NotFound
from booking.domain.reassigning import Refusal
from booking.domain.reservation import PAYMENT_LEAD, has_open_payment
from booking.domain.wording import worded
from booking.store.appointments import Item, find_tenant, get_appointment, list_items
from booking.store.assignments import Assignment, Place, find_place, list_assignments
from booking.store.contacts import find_contact
from booking.store.earlier_offers import find_open_offer
from booking.store.erasure import was_erased
from booking.store.grants import find_live_grant
from booking.store.profile import get_profile
from booking.store.reassign_tasks import find_open_task
from booking.usecases.find_video_url import find_video_url
from booking.usecases.manage_link import manage_token
from booking.usecases.refuse_visit import refusal_token
from booking.usecases.use_link import PURPOSE
from booking.usecases.view_appointment import money
from contracts.booking import (
    CalendarEntry,
    ClerkEntry,
    EarlierTime,
    Letter,
    LetterCitizen,
    LetterItem,
    LetterPayment,
    LetterPlace,
    Letters,
    ReassignTask,
)
from kit.clock import Clock
from kit.sql import Connection, Pool
from kit.tokens import sign_id

LETTERS_TIME_S: Final = 5
"""Half of what who asks waits for."""
NOBODY: Final = Contact(given_name="", family_name="")
"""In the letter of a cancelled visit whose person is forgotten: its clerks are still to hear of it."""


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """What the links in a letter are made of."""

    public_url: str
    key: str


class _Parts(msgspec.Struct, frozen=True, kw_only=True):
    appointment: Appointment
    person: Contact
    place: Place
    items: list[Item]
    assignments: list[Assignment]
    domain: str
    links: Links
    manage_url: str
    activation_url: str | None
    earlier: EarlierTime | None
    video_url: str | None
    reassign_task: ReassignTask | None


async def write_letter(pool: Pool, links: Links, clock: Clock, appointment_id: UUID) -> Letter:
    """Raises NotFound: unknown, or nobody to write to (no binding step yet, or the person is erased)."""
    # One snapshot: a letter with the person never carries the version in which the person was forgotten.
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        return _letter(await _gather(connection, links, clock, appointment_id))


async def write_letters(pool: Pool, links: Links, clock: Clock, appointment_ids: Sequence[UUID]) -> Letters:
    """Each by itself, as it stands when its turn comes. Those that are not ready in time are asked for again."""
    items, gone, until = [], [], time.monotonic() + LETTERS_TIME_S
    for id_ in appointment_ids:
        if time.monotonic() > until:
            break
        try:
            items.append(await write_letter(pool, links, clock, id_))
        except NotFound:
            gone.append(id_)
    return Letters(tuple(items), tuple(gone))


async def _gather(connection: Connection, links: Links, clock: Clock, appointment_id: UUID) -> _Parts:
    tenant = await find_tenant(connection, appointment_id)
    place = await find_place(connection, tenant, appointment_id) if tenant else None
    if tenant is None or place is None:
        raise NotFound("There is no letter to write for this appointment.")
    appointment = await get_appointment(connection, tenant, appointment_id)
    person = await _person(connection, appointment)
    return _Parts(
        appointment=appointment,
        person=person,
        place=place,
        items=await list_items(connection, tenant, appointment_id),
        assignments=await list_assignments(connection, tenant, appointment_id),
        links=links,
        domain=(await get_profile(connection, tenant)).email.rpartition("@")[2],
        manage_url="" if person is NOBODY else await _manage_url(connection, links, clock, appointment),
        activation_url=await _activation_url(connection, links, clock, appointment),
        earlier=await _earlier(connection, clock, appointment),
        video_url=await find_video_url(connection, appointment),
        reassign_task=await find_open_task(connection, appointment_id),
    )


async def _earlier(connection: Connection, clock: Clock, appointment: Appointment) -> EarlierTime | None:
    offer = await find_open_offer(connection, appointment.tenant, appointment.id)
    if offer is None or offer.expires_at <= clock():
        return None
    return EarlierTime(start=offer.start, end=offer.end, expires_at=offer.expires_at)


async def _person(connection: Connection, appointment: Appointment) -> Contact:
    """Raises NotFound where there is nobody to write to."""
    contact = await find_contact(connection, appointment.tenant, appointment.id)
    if contact and contact.bound_at:
        return contact.person
    if appointment.state.startswith("cancelled") and await was_erased(connection, appointment.id):
        return NOBODY
    raise NotFound("There is no letter to write for this appointment.")


async def _manage_url(connection: Connection, links: Links, clock: Clock, appointment: Appointment) -> str:
    token = await manage_token(connection, links.key, clock, appointment)
    return f"{links.public_url}/{appointment.tenant}/zugang/{token}"


async def _activation_url(connection: Connection, links: Links, clock: Clock, appointment: Appointment) -> str | None:
    if appointment.state != "awaiting_email":
        return None
    grant = await find_live_grant(connection, appointment.tenant, appointment.id, clock(), "activate")
    token = sign_id(links.key, PURPOSE, grant.id) if grant else None
    return f"{links.public_url}/{appointment.tenant}/aktivierung/{token}" if token else None


def _letter(parts: _Parts) -> Letter:
    appointment, place = parts.appointment, parts.place
    return Letter(
        appointment_id=appointment.id,
        number=appointment.number,
        tenant=appointment.tenant,
        version=appointment.version,
        state=appointment.state,
        start=appointment.starts_at,
        end=appointment.ends_at,
        time_zone=appointment.time_zone,
        channel=appointment.channel,
        unit=place.unit,
        place=LetterPlace(
            name=place.location, street=place.street, postcode=place.postcode, city=place.city, room=place.room
        ),
        items=tuple(_item(item, parts.person.language) for item in parts.items),
        fee=money(appointment.fee_cents),
        payment=_payment(appointment, parts.person.language),
        citizen=_citizen(parts),
        clerks=tuple(_clerk(assignment, parts) for assignment in parts.assignments),
        manage_url=parts.manage_url,
        video_url=parts.video_url,
        continue_url=_continue_url(parts),
        expires_at=_go_on_until(appointment),
        activation_url=parts.activation_url,
        office_note=appointment.office_note,
        rebook_until=appointment.rebook_until,
        earlier=parts.earlier,
        reassign_task=parts.reassign_task,
    )


def _item(item: Item, language: str) -> LetterItem:
    names = {"de": item.service} | ({"en": item.service_en} if item.service_en else {})
    return LetterItem(
        service=worded(language, item.service, item.service_en),
        names=names,
        quantity=item.quantity,
        documents=worded(language, item.documents, item.documents_en),
    )


def _continue_url(parts: _Parts) -> str | None:
    """By our own door: whoever comes back from the checkout then has what opens the appointment."""
    appointment = parts.appointment
    is_open = appointment.state == "awaiting_payment" and has_open_payment(appointment)
    return f"{parts.manage_url}/zahlung" if is_open and parts.manage_url else None


def _go_on_until(appointment: Appointment) -> datetime | None:
    """At the checkout the payment ends before the reservation does."""
    is_open = appointment.state == "awaiting_payment" and has_open_payment(appointment)
    until = appointment.expires_at
    return until - PAYMENT_LEAD if until and is_open else until


def _payment(appointment: Appointment, language: str) -> LetterPayment:
    page = appointment.payment_next_url
    return LetterPayment(
        mode=appointment.payment_mode,
        state=appointment.payment_state,
        treasury_reference=appointment.treasury_reference,
        paid=money(appointment.paid_cents or None),
        refunded=money(appointment.refunded_cents or None),
        due_at_counter=money(due_cents(appointment) or None),
        status_url=in_language(page, language) if page else None,
    )


def _citizen(parts: _Parts) -> LetterCitizen:
    appointment, person = parts.appointment, parts.person
    return LetterCitizen(
        name=f"{person.given_name} {person.family_name}".strip(),
        email=person.email,
        phone=person.phone,
        language=person.language,
        calendar=CalendarEntry(uid=f"{appointment.citizen_uid}@{parts.domain}", sequence=appointment.citizen_sequence),
    )


def _clerk(assignment: Assignment, parts: _Parts) -> ClerkEntry:
    return ClerkEntry(
        clerk_id=assignment.clerk_id,
        display_name=assignment.display_name,
        email=assignment.email,
        calendar=CalendarEntry(uid=f"{assignment.id}@{parts.domain}", sequence=assignment.sequence),
        start=assignment.starts_at,
        end=assignment.ends_at,
        live=assignment.live,
        channel=assignment.channel,
        refuse_url=_refuse_url(assignment, parts) if assignment.live else None,
    )


def _refuse_url(assignment: Assignment, parts: _Parts) -> str:
    token = refusal_token(parts.links.key, Refusal(assignment_id=assignment.id, sequence=assignment.sequence))
    return f"{parts.links.public_url}/{parts.appointment.tenant}/verhindert/{token}"
