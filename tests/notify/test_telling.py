"""What is worth saying: pure decisions over event, letter and what was told."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.notify.letters import (
    CLERK,
    EARLIER,
    LETTER,
    NOW,
    a_citizen,
    a_clerk,
    a_letter,
    a_payment,
    an_office_cancellation,
    at_sequence,
)

from contracts.booking import AppointmentEventType, CalendarEntry, Letter
from contracts.money import Money
from notify.domain.kinds import CITIZEN_MAIL, RULES
from notify.domain.telling import Fact, LetterUnfit, Message, Told, decide

INVITED = Told(CLERK.calendar.uid, 0, CLERK.email)


def decided(type_: AppointmentEventType, letter: Letter = LETTER, told: tuple[Told, ...] = ()) -> tuple[Message, ...]:
    return decide(Fact(UUID(int=9), type_, 3), letter, told, str, "de")


def kinds(type_: AppointmentEventType, letter: Letter = LETTER, told: tuple[Told, ...] = ()) -> list[str]:
    return [message.kind for message in decided(type_, letter, told)]


UNPAID = a_payment(state="created", paid=None)
AWAITING: dict[str, Any] = {"state": "awaiting_payment", "payment": UNPAID}
TO_ACTIVATE = a_letter(state="awaiting_email", activation_url="https://x.example/a", payment=UNPAID)
OFFERED = an_office_cancellation(rebook_until=NOW + timedelta(days=7))


@pytest.mark.parametrize(
    ("type_", "letter", "expected"),
    [
        ("appointment.held", LETTER, []),
        ("appointment.awaiting_payment", a_letter(**AWAITING), []),
        ("appointment.confirmed", LETTER, ["confirmation", "invite"]),
        ("appointment.confirmed", a_letter(state="cancelled_by_citizen"), []),
        ("appointment.moved", LETTER, ["changed", "invite"]),
        ("appointment.moved", a_letter(state="completed"), []),
        ("appointment.cancelled", a_letter(state="cancelled_by_office"), ["cancelled"]),
        ("appointment.cancelled", LETTER, ["invite"]),
        ("appointment.activation_requested", TO_ACTIVATE, ["activation"]),
        ("appointment.activation_requested", a_letter(state="held", activation_url=None), []),
        ("appointment.activation_requested", LETTER, []),
        ("appointment.changed", LETTER, ["changed", "invite"]),
        ("appointment.rebooking_offered", OFFERED, ["rebooking"]),
        ("appointment.rebooking_offered", an_office_cancellation(), []),  # declined by now; `cancelled` says it
        ("appointment.rebooking_offered", LETTER, ["invite"]),  # chosen by now; `moved` says it
        ("appointment.earlier_offered", a_letter(earlier=EARLIER), ["earlier"]),
        ("appointment.earlier_offered", LETTER, []),  # taken, declined or over
        ("appointment.earlier_offered", a_letter(earlier=EARLIER, state="cancelled_by_citizen"), []),
        ("appointment.checked_in", a_letter(state="checked_in"), []),
        ("appointment.called", a_letter(state="in_service"), []),
        ("appointment.completed", a_letter(state="completed"), []),
        ("appointment.missed", a_letter(state="no_show"), []),
        ("appointment.reminder_due", LETTER, ["reminder"]),
        ("appointment.reminder_due", a_letter(state="checked_in"), []),
        ("appointment.payment_unfinished", a_letter(**AWAITING), ["unfinished"]),
        ("appointment.payment_unfinished", LETTER, []),
        ("appointment.payment_unfinished", a_letter(**AWAITING, continue_url=None), []),
        ("appointment.payment_checking", a_letter(**AWAITING), ["checking"]),
        ("appointment.payment_checking", a_letter(payment=a_payment(state="capturing", paid=None)), ["checking"]),
        ("appointment.payment_checking", LETTER, []),  # paid by now
        ("appointment.expired", a_letter(state="expired", payment=UNPAID), ["lapsed"]),
        ("appointment.expired", a_letter(state="expired"), []),  # it was paid: "nothing was charged" is not true
        ("appointment.expired", a_letter(state="expired", payment=a_payment(mode="none", paid=None)), []),
        ("appointment.expired", a_letter(state="expired", payment=a_payment(state=None, paid=None)), []),  # unproved
        ("appointment.expired", LETTER, []),
        ("appointment.paid", a_letter(state="cancelled_by_citizen"), ["receipt"]),
        ("appointment.refunded", a_letter(payment=a_payment(refunded=Money(1))), ["refund"]),
        ("appointment.refund_delayed", a_letter(state="cancelled_by_citizen"), ["refund_delayed"]),
        ("appointment.refund_delayed", a_letter(state="expired"), ["refund_delayed"]),  # paid too late
        ("appointment.link_requested", LETTER, ["link"]),
    ],
)
def test_kinds(type_: AppointmentEventType, letter: Letter, expected: list[str]) -> None:
    assert kinds(type_, letter) == expected


@pytest.mark.parametrize("type_", sorted(CITIZEN_MAIL))
def test_without_an_address_the_citizen_is_not_written_to(type_: AppointmentEventType) -> None:
    letter = a_letter(citizen=a_citizen(email=None), payment=a_payment(refunded=Money(1)))
    assert all(message.audience == "clerk" for message in decided(type_, letter))


def test_a_letter_older_than_the_event_is_asked_for_again() -> None:
    with pytest.raises(LetterUnfit):
        decided("appointment.confirmed", a_letter(version=2))


def test_an_activation_without_its_link_is_asked_for_again() -> None:
    with pytest.raises(LetterUnfit):
        decided("appointment.activation_requested", a_letter(state="awaiting_email"))


def test_a_clerk_is_invited_then_updated_then_withdrawn() -> None:
    assert kinds("appointment.confirmed")[-1] == "invite"
    assert kinds("appointment.moved", LETTER, (INVITED,))[-1] == "update"
    gone = a_letter(state="cancelled_by_citizen")
    assert kinds("appointment.cancelled", gone, (INVITED,))[-1] == "withdrawal"


def test_the_former_clerk_hears_first() -> None:
    former = a_clerk(live=False)
    new = a_clerk(email="new@heinsberg.example", calendar=CalendarEntry(uid="other", sequence=0))
    messages = decided("appointment.reassigned", a_letter(clerks=(new, former)), (INVITED,))[1:]
    assert [(message.kind, message.email) for message in messages] == [
        ("withdrawal", CLERK.email),
        ("invite", "new@heinsberg.example"),
    ]


def test_a_visit_that_took_place_stays_in_the_calendar() -> None:
    assert kinds("appointment.reassigned", a_letter(state="completed"), (INVITED,)) == []


def test_a_clerks_message_is_one_by_uid_sequence_and_method() -> None:
    first, second = decided("appointment.confirmed")[-1], decided("appointment.moved", LETTER, (INVITED,))[-1]
    assert first.subject_key == second.subject_key == "calendar:clerk-1@heinsberg.example:0:REQUEST"
    assert decided("appointment.moved", at_sequence(LETTER, 1))[-1].subject_key != first.subject_key


def test_confirmation_and_change_of_one_revision_are_one() -> None:
    assert decided("appointment.confirmed")[0].subject_key == decided("appointment.moved")[0].subject_key


def test_cancellations_receipts_and_refunds_are_never_suppressed() -> None:
    assert {kind for kind, rule in RULES.items() if rule.true_in is None} == {
        "cancelled",
        "declined",
        "receipt",
        "refund",
        "refund_delayed",
        "link",
        "invitation",
        "withdrawal",
        "digest",
    }
