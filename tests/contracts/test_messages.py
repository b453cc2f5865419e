"""Golden messages, read by both sides: what one service writes today, the others still read tomorrow.

A change of a contract shows here as a change of a file. Additions with a default are fine; anything else needs readers
that understand both.
"""

import json
from typing import Any, get_args

import msgspec
import pytest
from tests.booking.domain.samples import NOW, awaiting
from tests.contracts.reading import read

from booking.domain.settlement import PaymentNews, settle
from contracts.booking import AppointmentEvent, AppointmentEventType, InvitationEvent, InvitationLetter, Letter
from contracts.calendars import Agenda, ClerkCalendarEvent
from contracts.notify import ClerkDeclinedEvent
from contracts.payment import PaymentEvent, PaymentEventType

VARIANTS = ("activation", "rebooking", "cancelled_by_office", "earlier", "video")
MESSAGES = [
    ("booking_events.json", list[AppointmentEvent]),
    ("payment_events.json", list[PaymentEvent]),
    ("letter.json", Letter),
    *((f"letter_{variant}.json", Letter) for variant in VARIANTS),
    ("invitation_event.json", InvitationEvent),
    ("invitation_letter.json", InvitationLetter),
    ("clerk_calendar_event.json", ClerkCalendarEvent),
    ("agenda.json", Agenda),
    ("clerk_declined.json", ClerkDeclinedEvent),
]


def written(message: Any) -> Any:
    return json.loads(msgspec.json.encode(message))


@pytest.mark.parametrize(("name", "type_"), MESSAGES)
def test_what_is_written_is_what_is_read(name: str, type_: Any) -> None:
    golden = read(name)
    assert written(msgspec.convert(golden, type_)) == golden


@pytest.mark.parametrize(("name", "type_"), MESSAGES)
def test_a_reader_tolerates_what_it_does_not_know(name: str, type_: Any) -> None:
    golden = read(name)
    newer = [each | {"new_field": 1} for each in golden] if isinstance(golden, list) else golden | {"new_field": 1}
    assert written(msgspec.convert(newer, type_)) == golden


def test_each_type_of_event_has_a_golden_message() -> None:
    assert [event["type"] for event in read("booking_events.json")] == list(get_args(AppointmentEventType))
    assert [event["type"] for event in read("payment_events.json")] == list(get_args(PaymentEventType))


def test_events_name_no_person() -> None:
    fields = {"id", "type", "tenant", "appointment_id", "version", "state", "occurred_at"}
    assert all(set(event) == fields for event in read("booking_events.json"))
    assert set(read("invitation_event.json")) == {"id", "type", "tenant", "invitation_id", "occurred_at"}


def test_booking_understands_each_event_of_payment() -> None:
    told = []
    for event in msgspec.convert(read("payment_events.json"), list[PaymentEvent]):
        decision = settle(
            awaiting(),
            PaymentNews(
                payment_id=event.payment_id,
                version=event.version,
                state=event.state,
                amount_cents=event.amount.amount_cents,
                refunded_cents=event.refunded.amount_cents,
                checking=event.type == "payment.checking",
                refund_failed=event.type == "payment.refund_failed",
            ),
            NOW,
        )
        assert decision is not None
        told.append((event.type, decision.event))
    assert told == [
        ("payment.authorised", "appointment.confirmed"),
        ("payment.paid", "appointment.confirmed"),
        ("payment.capture_failed", "appointment.confirmed"),
        ("payment.cancelled", None),
        ("payment.expired", None),
        ("payment.refunded", "appointment.confirmed"),
        ("payment.refund_failed", "appointment.confirmed"),
        ("payment.review", "appointment.payment_checking"),
        ("payment.checking", "appointment.payment_checking"),
    ]
