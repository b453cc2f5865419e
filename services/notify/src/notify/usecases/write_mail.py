"""Write one mail: words, calendar entry and bytes, ready to be stored and sent."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.booking import InvitationLetter, Letter
from kit.ids import uuid7
from kit.sql import Connection
from kit.web.language import Language
from notify.calendar import itip
from notify.domain.addresses import envelope_address, fingerprint, mask, plus_address
from notify.domain.digest import DigestOccasion
from notify.domain.telling import Occasion
from notify.language import language_of
from notify.mail.mime import CalendarPart, Head, compose
from notify.mail.occasions import AnyOccasion
from notify.mail.rendering import render
from notify.mail.style import PLAIN, Style
from notify.store.accounts import find_mailbox
from notify.store.deliveries import NewDelivery


class Office(NamedTuple):
    """Who writes."""

    mailbox: str
    """Service mailbox: From, and ORGANIZER with the appointment in a plus address."""
    key: str
    """HMAC key of fingerprints."""
    own_pages_url: str = ""
    """Where the tenants' own pages are: Impressum and the like."""


async def office_of(connection: Connection, house: Office, tenant: str) -> Office:
    """A tenant with an account of its own writes from its own mailbox."""
    mailbox = await find_mailbox(connection, tenant)
    return house._replace(mailbox=mailbox) if mailbox else house


def write_mail(
    office: Office, occasion: AnyOccasion, stamp: datetime, now: datetime, style: Style = PLAIN
) -> NewDelivery:
    """`stamp` is when the facts changed (DTSTAMP), `now` when the mail is written (Date)."""
    message, letter, id_ = occasion.message, occasion.letter, uuid7()
    recipient = envelope_address(message.email)
    return NewDelivery(
        id=id_,
        tenant=occasion.tenant.slug,
        appointment_id=letter.appointment_id if isinstance(letter, Letter) else None,
        invitation_id=letter.invitation_id if isinstance(letter, InvitationLetter) else None,
        clerk_id=occasion.agenda.clerk_id if isinstance(occasion, DigestOccasion) else None,
        audience=message.audience,
        kind=message.kind,
        subject_key=message.subject_key,
        recipient=recipient,
        recipient_hash=fingerprint(office.key, message.email),
        recipient_shown=mask(message.email),
        message=_compose(office, occasion, _head(office, occasion, id_, recipient, now), stamp, style)
        if recipient
        else None,
        calendar_uid=message.calendar.uid if message.calendar else None,
        calendar_sequence=message.calendar.sequence if message.calendar else None,
        calendar_method=message.method,
        time_zone=occasion.time_zone,
        expires_at=occasion.deadline,
        named=_named(occasion),
    )


def _named(occasion: AnyOccasion) -> tuple[UUID, ...]:
    if isinstance(occasion, DigestOccasion):
        return tuple(visit.appointment_id for visit in occasion.agenda.visits if visit.citizen)
    letter = occasion.letter
    is_named = occasion.message.clerk is not None and occasion.tenant.clerk_calendars_name_citizens
    return (letter.appointment_id,) if isinstance(letter, Letter) and is_named else ()


def _head(office: Office, occasion: AnyOccasion, id_: UUID, recipient: str, now: datetime) -> Head:
    return Head(
        message_id=f"{id_}@{office.mailbox.rpartition('@')[2]}",
        date=now,
        sender_name=occasion.tenant.name,
        sender=office.mailbox,
        reply_to=_answers_to(office, occasion),
        recipient=recipient,
    )


def _answers_to(office: Office, occasion: AnyOccasion) -> str:
    """A clerk's program answers an invitation; who has none writes to the office."""
    letter = occasion.letter
    if occasion.message.clerk and isinstance(letter, Letter):
        return _organizer(office, letter)
    return occasion.tenant.email


def _organizer(office: Office, letter: Letter) -> str:
    return plus_address(office.mailbox, letter.appointment_id.hex)


def _compose(office: Office, occasion: AnyOccasion, head: Head, stamp: datetime, style: Style) -> bytes:
    t = language_of(occasion.message.language)
    return compose(head, render(occasion, t, style), _calendar_part(office, occasion, t, stamp))


def _calendar_part(office: Office, occasion: AnyOccasion, t: Language, stamp: datetime) -> CalendarPart | None:
    if not isinstance(occasion, Occasion) or occasion.message.method is None:
        return None
    data = itip.write(occasion, t, _organizer(office, occasion.letter), stamp)
    return CalendarPart(occasion.message.method, data)
