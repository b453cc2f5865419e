"""Write one mail: words, calendar entry and bytes, ready to be stored and sent."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kit.ids import uuid7
from notify.calendar import itip
from notify.domain.addresses import envelope_address, fingerprint, mask, plus_address
from notify.domain.kinds import deadline_of
from notify.domain.telling import Occasion
from notify.language import language_of
from notify.mail.mime import CalendarPart, Head, compose
from notify.mail.rendering import render
from notify.store.deliveries import NewDelivery


class Office(NamedTuple):
    """Who writes."""

    mailbox: str
    """Service mailbox: From, and ORGANIZER with the appointment in a plus address."""
    key: str
    """HMAC key of fingerprints."""


def write_mail(office: Office, occasion: Occasion, stamp: datetime, now: datetime) -> NewDelivery:
    """`stamp` is when the facts changed (DTSTAMP), `now` when the mail is written (Date)."""
    message, letter, id_ = occasion.message, occasion.letter, uuid7()
    recipient = envelope_address(message.email)
    return NewDelivery(
        id=id_,
        tenant=occasion.tenant.slug,
        appointment_id=letter.appointment_id,
        audience=message.audience,
        kind=message.kind,
        subject_key=message.subject_key,
        recipient=recipient,
        recipient_hash=fingerprint(office.key, message.email),
        recipient_shown=mask(message.email),
        message=_compose(office, occasion, _head(office, occasion, id_, recipient, now), stamp) if recipient else None,
        calendar_uid=message.calendar.uid if message.calendar else None,
        calendar_sequence=message.calendar.sequence if message.calendar else None,
        calendar_method=message.method,
        time_zone=letter.time_zone,
        expires_at=deadline_of(message.kind, letter),
    )


def _head(office: Office, occasion: Occasion, id_: UUID, recipient: str, now: datetime) -> Head:
    return Head(
        message_id=f"{id_}@{office.mailbox.rpartition('@')[2]}",
        date=now,
        sender_name=occasion.tenant.name,
        sender=office.mailbox,
        reply_to=_organizer(office, occasion) if occasion.message.clerk else occasion.tenant.email,
        recipient=recipient,
    )


def _organizer(office: Office, occasion: Occasion) -> str:
    return plus_address(office.mailbox, occasion.letter.appointment_id.hex)


def _compose(office: Office, occasion: Occasion, head: Head, stamp: datetime) -> bytes:
    t = language_of(occasion.message.language)
    data = itip.write(occasion, t, _organizer(office, occasion), stamp)
    method = occasion.message.method
    return compose(head, render(occasion, t), CalendarPart(method, data) if method and data else None)
