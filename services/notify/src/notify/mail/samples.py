"""An occasion for each kind of mail, to look at its words with. The persons are nobody; place and telephone are the
tenant's own.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from contracts.booking import (
    AppointmentState,
    CalendarEntry,
    EarlierTime,
    InvitationLetter,
    Letter,
    LetterCitizen,
    LetterItem,
    LetterPayment,
    LetterPlace,
)
from contracts.money import Money
from contracts.tenant import TenantProfile
from kit.web.language import Language
from notify.domain.inviting import InvitationOccasion, invite
from notify.domain.kinds import RULES, Kind
from notify.domain.placeholders import TemplateKind
from notify.domain.telling import Message, Occasion
from notify.mail.occasions import AnyOccasion

NOBODY = UUID(int=0)
NUMBER = "MUSTER-1"
LINK = "https://termine.example/muster"
FEE = Money(3700)
VISIT_IN = timedelta(days=7)
FRIDAY = 4
DURATION = timedelta(minutes=20)

_STATES: dict[TemplateKind, AppointmentState] = {
    "activation": "awaiting_email",
    "cancelled": "cancelled_by_citizen",
    "cancelled_by_office": "cancelled_by_office",
    "rebooking": "cancelled_by_office",
    "declined": "cancelled_by_office",
    "unfinished": "awaiting_payment",
    "checking": "awaiting_payment",
    "lapsed": "expired",
}
_PAID: frozenset[TemplateKind] = frozenset(
    {"cancelled", "cancelled_by_office", "rebooking", "declined", "receipt", "refund_delayed"}
)


def sample_occasion(template: TemplateKind, tenant: TenantProfile, t: Language, now: datetime) -> AnyOccasion:
    if template == "invitation":
        invitation = _invitation(tenant, t, now)
        return InvitationOccasion(invite(invitation), invitation, tenant)
    kind: Kind = "cancelled" if template == "cancelled_by_office" else template
    letter = _letter(template, tenant, t, now)
    message = Message(
        audience="citizen",
        kind=kind,
        email="erika.mustermann@example.org",
        language=t.code,
        subject_key="sample",
        method=RULES[kind].method,
        calendar=letter.citizen.calendar,
    )
    return Occasion(message, letter, tenant, _day_before(letter.start) if kind == "changed" else None)


def sample_secrets(t: Language) -> list[str]:
    """What no subject and no preview may show: what the visit is about."""
    return [t("sample.service"), t("sample.document"), t("sample.note")]


def _items(t: Language) -> tuple[LetterItem, ...]:
    return (LetterItem(service=t("sample.service"), quantity=1, documents=(t("sample.document"),)),)


def _invitation(tenant: TenantProfile, t: Language, now: datetime) -> InvitationLetter:
    return InvitationLetter(
        invitation_id=NOBODY,
        tenant=tenant.slug,
        unit=t("sample.unit"),
        items=_items(t),
        note=t("sample.note"),
        email="erika.mustermann@example.org",
        language=t.code,
        url=LINK,
        expires_at=now + VISIT_IN,
    )


def _letter(template: TemplateKind, tenant: TenantProfile, t: Language, now: datetime) -> Letter:
    start = datetime.combine(_workday(now + VISIT_IN), time(10), tzinfo=ZoneInfo(tenant.time_zone))
    plain = Letter(
        appointment_id=NOBODY,
        number=NUMBER,
        tenant=tenant.slug,
        version=1,
        state=_STATES.get(template, "confirmed"),
        start=start,
        end=start + DURATION,
        time_zone=tenant.time_zone,
        channel="on_site",
        unit=t("sample.unit"),
        place=_place(tenant, t),
        items=_items(t),
        fee=FEE,
        payment=_payment(template),
        citizen=_nobody(t),
        clerks=(),
        manage_url=LINK,
    )
    return msgspec.structs.replace(plain, **_own(template, t, start, now))


def _workday(instant: datetime) -> date:
    day = instant.date()
    return day + timedelta(days=7 - day.weekday()) if day.weekday() > FRIDAY else day


def _day_before(start: datetime) -> datetime:
    """The working day before."""
    return start - timedelta(days=1 if start.weekday() else 3)


def _own(template: TemplateKind, t: Language, start: datetime, now: datetime) -> dict[str, Any]:
    """What only some of the mails are about."""
    match template:
        case "activation":
            return {"activation_url": LINK, "expires_at": now + timedelta(minutes=30)}
        case "unfinished":
            return {"continue_url": LINK, "expires_at": now + timedelta(minutes=30)}
        case "rebooking":
            return {"office_note": t("sample.note"), "rebook_until": start}
        case "cancelled_by_office":
            return {"office_note": t("sample.note")}
        case "earlier":
            sooner = _day_before(start)
            return {"earlier": EarlierTime(start=sooner, end=sooner + DURATION, expires_at=now + timedelta(hours=1))}
        case _:
            return {}


def _place(tenant: TenantProfile, t: Language) -> LetterPlace:
    address = tenant.address
    return LetterPlace(
        name=t("sample.place"), street=address.street, postcode=address.postcode, city=address.city, room="12"
    )


def _payment(template: TemplateKind) -> LetterPayment:
    match template:
        case "refund":
            return LetterPayment(mode="online", state="refunded", treasury_reference=NUMBER, paid=FEE, refunded=FEE)
        case "unfinished" | "checking" | "lapsed":
            return LetterPayment(mode="online", state="pending", treasury_reference=NUMBER)
        case _ if template in _PAID:
            return LetterPayment(mode="online", state="paid", treasury_reference=NUMBER, paid=FEE)
        case _:
            return LetterPayment(mode="counter", due_at_counter=FEE)


def _nobody(t: Language) -> LetterCitizen:
    return LetterCitizen(
        name="Erika Mustermann",
        email="erika.mustermann@example.org",
        phone=None,
        language=t.code,
        calendar=CalendarEntry(uid="sample@termine.example", sequence=0),
    )
