"""From event to mail, on real PostgreSQL, a real mail server and a real letter call."""

from datetime import timedelta

import pytest
from tests.notify.conftest import Notify
from tests.notify.letters import END, LETTER, START, a_citizen, a_clerk, a_letter, a_payment, at_sequence
from tests.notify.reading import calendar_of, read, text_of

from contracts.booking import CalendarEntry
from contracts.money import Money


async def test_a_confirmed_appointment_tells_citizen_and_clerk(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    assert await notify.states() == [("confirmation", "accepted"), ("invite", "accepted")]
    (_, citizen, first), (_, clerk, second) = notify.mail.taken
    assert (citizen, clerk) == ("erika.mustermann@example.org", "k.oezdemir@heinsberg.example")
    assert calendar_of(read(first))["METHOD"] == "PUBLISH"
    assert calendar_of(read(second))["METHOD"] == "REQUEST"


async def test_an_event_heard_twice_is_told_once(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    await notify.tell("appointment.confirmed", LETTER)  # another event of the same revision
    assert len(notify.mail.taken) == 2


async def test_a_move_keeps_the_uid_and_raises_the_sequence(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    later = {"start": START + timedelta(days=1), "end": END + timedelta(days=1)}
    await notify.tell("appointment.moved", at_sequence(a_letter(clerks=(a_clerk(**later),)), 1, **later))
    events = [calendar_of(read(data)).walk("VEVENT")[0] for _, _, data in notify.mail.taken]
    assert [event["UID"] for event in events] == ["citizen-1@heinsberg.example", "clerk-1@heinsberg.example"] * 2
    assert [int(event["SEQUENCE"]) for event in events] == [0, 0, 1, 1]
    assert events[2].start == events[3].start == later["start"]
    assert [kind for kind, _ in await notify.states()] == ["confirmation", "invite", "changed", "update"]


async def test_a_cancellation_reaches_both(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    await notify.tell("appointment.cancelled", at_sequence(LETTER, 1, state="cancelled_by_citizen"))
    assert [kind for kind, _ in await notify.states()] == ["confirmation", "invite", "cancelled", "withdrawal"]
    citizen, clerk = (calendar_of(read(data)) for _, _, data in notify.mail.taken[2:])
    assert (citizen["METHOD"], citizen.walk("VEVENT")[0]["STATUS"]) == ("PUBLISH", "CANCELLED")
    assert (clerk["METHOD"], clerk.walk("VEVENT")[0]["STATUS"]) == ("CANCEL", "CANCELLED")


async def test_reassignment_withdraws_from_the_former_and_invites_the_new_clerk(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    former = a_clerk(live=False, calendar=CalendarEntry(uid="clerk-1@heinsberg.example", sequence=1))
    new = a_clerk(
        display_name="Jörg Küppers",
        email="j.kueppers@heinsberg.example",
        calendar=CalendarEntry(uid="clerk-2@heinsberg.example", sequence=0),
    )
    await notify.tell("appointment.reassigned", a_letter(version=4, clerks=(new, former)))
    told = [(to, str(calendar_of(read(data))["METHOD"])) for _, to, data in notify.mail.taken[2:]]
    assert told == [("k.oezdemir@heinsberg.example", "CANCEL"), ("j.kueppers@heinsberg.example", "REQUEST")]


async def test_who_gave_no_mail_address_gets_none(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", a_letter(citizen=a_citizen(email=None, phone="02452 1")))
    assert [to for _, to, _ in notify.mail.taken] == ["k.oezdemir@heinsberg.example"]


async def test_a_confirmation_of_what_is_gone_is_not_sent_and_a_clerk_never_invited_hears_nothing(
    notify: Notify,
) -> None:
    gone = at_sequence(LETTER, 1, state="cancelled_by_citizen")
    await notify.hear("appointment.confirmed", LETTER)
    await notify.prepare()
    await notify.hear("appointment.cancelled", gone)  # before the confirmation went out
    await notify.prepare()
    await notify.send()
    assert dict(await notify.states()) == {
        "confirmation": "suppressed",
        "invite": "suppressed",
        "cancelled": "accepted",
        "withdrawal": "suppressed",
    }
    assert [to for _, to, _ in notify.mail.taken] == ["erika.mustermann@example.org"]


async def test_the_letter_is_the_present_whatever_the_event_says(notify: Notify) -> None:
    gone = at_sequence(LETTER, 1, state="cancelled_by_office")
    await notify.hear("appointment.confirmed", LETTER)
    await notify.tell("appointment.cancelled", gone)
    assert [kind for kind, _ in await notify.states()] == ["cancelled"]


async def test_events_out_of_order_tell_the_newest(notify: Notify) -> None:
    moved = at_sequence(LETTER, 1)
    await notify.tell("appointment.moved", moved)
    await notify.tell("appointment.confirmed", moved, version=3, state="confirmed")
    assert await notify.states() == [("changed", "accepted"), ("invite", "accepted")]


async def test_an_unsent_older_revision_is_superseded(notify: Notify) -> None:
    await notify.hear("appointment.confirmed", LETTER)
    await notify.prepare()
    await notify.tell("appointment.moved", at_sequence(LETTER, 1))
    assert dict(await notify.states()) == {
        "confirmation": "suppressed",
        "invite": "suppressed",
        "changed": "accepted",
        "update": "accepted",
    }


async def test_booking_away_delays_and_loses_nothing(notify: Notify) -> None:
    notify.booking.status = 503
    await notify.tell("appointment.confirmed", LETTER)
    assert await notify.listed() == []
    notify.booking.status = None
    notify.clock.pass_by(minutes=1)
    await notify.prepare()
    await notify.send()
    assert len(notify.mail.taken) == 2


async def test_a_404_of_somebody_else_is_not_taken_for_deleted_data(notify: Notify) -> None:
    notify.booking.status = 404
    await notify.tell("appointment.confirmed", LETTER)
    notify.booking.status = None
    notify.clock.pass_by(minutes=1)
    await notify.prepare()
    assert len(await notify.listed()) == 2


async def test_a_deleted_person_is_not_told(notify: Notify) -> None:
    await notify.hear("appointment.confirmed", LETTER)
    notify.booking.letter = None
    await notify.prepare()
    notify.clock.pass_by(hours=1)
    await notify.prepare()
    assert (await notify.listed(), notify.booking.calls) == ([], 1)


async def test_mails_about_money(notify: Notify) -> None:
    waiting = a_payment(state="created", paid=None)
    letter = a_letter(state="awaiting_payment", payment=waiting, expires_at=notify.clock() + timedelta(minutes=20))
    await notify.tell("appointment.payment_unfinished", letter)
    assert LETTER.continue_url in text_of(read(notify.mail.taken[0][2]))
    await notify.tell("appointment.payment_checking", a_letter(version=4, state="expired", payment=waiting))
    await notify.tell("appointment.expired", a_letter(version=5, state="expired", payment=waiting))
    await notify.tell("appointment.paid", a_letter(version=6))
    await notify.tell("appointment.refunded", a_letter(version=7, payment=a_payment(refunded=Money(4600))))
    assert [kind for kind, _ in await notify.states()] == ["unfinished", "checking", "lapsed", "receipt", "refund"]
    receipt, refund = (text_of(read(data)) for _, _, data in notify.mail.taken[3:])
    assert "92,00" in receipt
    assert "KZ-4711" in receipt
    assert "46,00" in refund


async def test_two_requests_for_the_link_are_two_mails(notify: Notify) -> None:
    await notify.tell("appointment.link_requested", LETTER)
    await notify.tell("appointment.link_requested", LETTER)
    assert [kind for kind, _ in await notify.states()] == ["link", "link"]


async def test_an_address_that_no_server_could_take_has_failed_from_the_start(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", a_letter(citizen=a_citizen(email="kein ort@@example")))
    assert await notify.states() == [("confirmation", "failed"), ("invite", "accepted")]


@pytest.mark.parametrize("kind", ["receipt", "refund"])
async def test_a_receipt_waits_for_its_sum(notify: Notify, kind: str) -> None:
    type_ = "appointment.paid" if kind == "receipt" else "appointment.refunded"
    await notify.tell(type_, a_letter(payment=a_payment(paid=None)))
    assert await notify.listed() == []
    notify.booking.letter = a_letter(payment=a_payment(refunded=Money(100)))
    notify.clock.pass_by(minutes=1)
    await notify.prepare()
    assert [delivery.kind for delivery in await notify.listed()] == [kind]
