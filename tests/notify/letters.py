"""A letter as booking writes it, and the tenant it is about. Tests change what they are about."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from contracts.booking import (
    AppointmentEvent,
    AppointmentEventType,
    CalendarEntry,
    ClerkEntry,
    EarlierTime,
    InvitationEvent,
    InvitationLetter,
    Letter,
    LetterCitizen,
    LetterItem,
    LetterPayment,
    LetterPlace,
    ReassignTask,
)
from contracts.money import Money
from contracts.tenant import Address, Colours, TenantProfile
from kit.ids import uuid7

NOW = datetime(2027, 3, 22, 9, 0, tzinfo=UTC)
START = datetime(2027, 3, 29, 8, 0, tzinfo=UTC)
END = START + timedelta(minutes=20)
APPOINTMENT = UUID("0195e000-0000-7000-8000-000000000001")

TENANT = TenantProfile(
    slug="heinsberg",
    name="Stadt Heinsberg",
    kind="Stadt",
    ars="053700012012",
    colours=Colours("#004b93", "#ffffff", "#e2001a"),
    address=Address("Apfelstraße 60", "52525", "Heinsberg"),
    email="buergerbuero@heinsberg.example",
    phone="02452 14-0",
    represented_by="den Bürgermeister",
)

CLERK = ClerkEntry(
    clerk_id=UUID(int=5),
    display_name="Kübra Özdemir",
    email="k.oezdemir@heinsberg.example",
    calendar=CalendarEntry(uid="clerk-1@heinsberg.example", sequence=0),
    start=START,
    end=END,
    live=True,
)

LETTER = Letter(
    appointment_id=APPOINTMENT,
    number="HS-7K2M",
    tenant="heinsberg",
    version=3,
    state="confirmed",
    start=START,
    end=END,
    time_zone="Europe/Berlin",
    channel="on_site",
    unit="Bürgerbüro",
    place=LetterPlace(name="Rathaus", street="Apfelstraße 60", postcode="52525", city="Heinsberg", room="12"),
    items=(
        LetterItem(
            service="Personalausweis beantragen", quantity=2, documents=("alter Ausweis", "digitales Lichtbild")
        ),
    ),
    fee=Money(9200),
    payment=LetterPayment(mode="online", state="paid", treasury_reference="KZ-4711", paid=Money(9200)),
    citizen=LetterCitizen(
        name="Erika Mustermann",
        email="erika.mustermann@example.org",
        phone=None,
        language="de",
        calendar=CalendarEntry(uid="citizen-1@heinsberg.example", sequence=0),
    ),
    clerks=(CLERK,),
    manage_url="https://termine.heinsberg.example/heinsberg/zugang/geheim.marke",
    continue_url="https://kasse.heinsberg.example/heinsberg/checkout/geheim",
    expires_at=None,
)

INVITATION = InvitationLetter(
    invitation_id=UUID("0195e000-0000-7000-8000-00000000000e"),
    tenant="heinsberg",
    unit="Bürgerbüro",
    items=(LetterItem(service="Abholung Ausweisdokumente", quantity=1, documents=("alter Ausweis",)),),
    note="Ihr Ausweis liegt bereit.\nBitte bringen Sie den alten mit.",
    email="erika.mustermann@example.org",
    language="de",
    url="https://termine.heinsberg.example/heinsberg/einladung/geheim.marke",
    expires_at=NOW + timedelta(days=14),
)

EARLIER = EarlierTime(
    start=START - timedelta(days=5, hours=-1),
    end=END - timedelta(days=5, hours=-1),
    expires_at=NOW + timedelta(hours=4),
)

TASK = ReassignTask(
    id=UUID(int=90),
    clerk=CLERK.display_name,
    owner="Jörg Peters",
    email="j.peters@heinsberg.example",
    due_at=NOW + timedelta(days=1),
    asked_at=NOW,
)


def a_letter(**changes: Any) -> Letter:
    return msgspec.structs.replace(LETTER, **changes)


def a_letter_about(number: int) -> Letter:
    """An appointment of its own, about which one clerk is written to, with a calendar entry of its own."""
    clerk = a_clerk(calendar=CalendarEntry(uid=f"clerk-{number}@x", sequence=0))
    nobody = a_citizen(email=None, phone="1", calendar=CalendarEntry(uid=f"c-{number}@x", sequence=0))
    return a_letter(appointment_id=UUID(int=number), clerks=(clerk,), citizen=nobody)


def an_office_cancellation(**changes: Any) -> Letter:
    """By the office, with a word why; `rebook_until` among the changes makes it an offer of another time."""
    return at_sequence(
        LETTER, 1, **{"state": "cancelled_by_office", "office_note": "Wasserschaden im Rathaus."} | changes
    )


def a_citizen(**changes: Any) -> LetterCitizen:
    return msgspec.structs.replace(LETTER.citizen, **changes)


def a_payment(**changes: Any) -> LetterPayment:
    return msgspec.structs.replace(LETTER.payment, **changes)


def a_clerk(**changes: Any) -> ClerkEntry:
    return msgspec.structs.replace(CLERK, **changes)


def at_sequence(letter: Letter, sequence: int, **changes: Any) -> Letter:
    """The letter after a change that the calendars see: all entries at `sequence`, the version along with it."""
    calendar = CalendarEntry(uid=letter.citizen.calendar.uid, sequence=sequence)
    citizen = msgspec.structs.replace(letter.citizen, calendar=calendar)
    clerks = tuple(
        msgspec.structs.replace(clerk, calendar=CalendarEntry(uid=clerk.calendar.uid, sequence=sequence))
        for clerk in letter.clerks
    )
    values = {"citizen": citizen, "clerks": clerks, "version": letter.version + sequence} | changes
    return msgspec.structs.replace(letter, **values)


def an_invitation_event(letter: InvitationLetter = INVITATION) -> InvitationEvent:
    return InvitationEvent(id=uuid7(), tenant=letter.tenant, invitation_id=letter.invitation_id, occurred_at=NOW)


def an_event(type_: AppointmentEventType, letter: Letter = LETTER, **changes: Any) -> AppointmentEvent:
    event = AppointmentEvent(
        id=uuid7(),
        type=type_,
        tenant=letter.tenant,
        appointment_id=letter.appointment_id,
        version=letter.version,
        state=letter.state,
        occurred_at=NOW,
    )
    return msgspec.structs.replace(event, **changes)
