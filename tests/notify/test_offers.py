"""Mails that ask for an answer until a time: confirm an address, choose another time, take an earlier one."""

from datetime import timedelta

import pytest
from tests.notify.conftest import Notify
from tests.notify.letters import (
    EARLIER,
    END,
    LETTER,
    NOW,
    START,
    a_letter,
    a_payment,
    an_office_cancellation,
    at_sequence,
)
from tests.notify.reading import calendar_of, read, text_of
from tests.notify.writing import FULL, written

from contracts.booking import EarlierTime, Letter

TO_ACTIVATE = a_letter(
    clerks=(),
    state="awaiting_email",
    activation_url="https://termine.heinsberg.example/heinsberg/bestaetigen/geheim.marke",
    expires_at=NOW + timedelta(minutes=35),
)
REBOOKABLE = an_office_cancellation(clerks=(), rebook_until=NOW + timedelta(days=7))
OFFERED = a_letter(clerks=(), version=4, earlier=EARLIER)


def words(raw: bytes) -> str:
    return text_of(read(raw)).replace("\N{NO-BREAK SPACE}", " ")


async def test_an_activation_goes_to_the_address_that_it_proves(notify: Notify) -> None:
    await notify.tell("appointment.activation_requested", TO_ACTIVATE)
    ((_, recipient, data),) = notify.mail.taken
    assert recipient == LETTER.citizen.email
    assert TO_ACTIVATE.activation_url in text_of(read(data))
    assert LETTER.manage_url not in text_of(read(data))
    assert "11:35 Uhr" not in text_of(read(data))  # UTC+1 in winter time
    assert "10:35 Uhr" in text_of(read(data))


async def test_an_activation_does_not_greet_by_a_name_that_nobody_has_proved(notify: Notify) -> None:
    await notify.tell("appointment.activation_requested", TO_ACTIVATE)
    assert "Mustermann" not in text_of(read(notify.mail.taken[0][2]))


async def test_an_activation_is_not_sent_once_the_address_is_confirmed(notify: Notify) -> None:
    await notify.hear("appointment.activation_requested", TO_ACTIVATE)
    await notify.prepare()
    await notify.tell("appointment.confirmed", a_letter(clerks=(), version=5))
    assert await notify.states() == [("activation", "suppressed"), ("confirmation", "accepted")]


async def test_an_activation_is_not_sent_once_the_reservation_is_over(notify: Notify) -> None:
    await notify.hear("appointment.activation_requested", TO_ACTIVATE)
    await notify.prepare()
    notify.clock.pass_by(minutes=35)
    await notify.send()
    assert await notify.states() == [("activation", "expired")]


async def test_a_second_request_to_confirm_is_a_second_mail_and_one_heard_twice_is_not(notify: Notify) -> None:
    await notify.tell("appointment.activation_requested", TO_ACTIVATE)
    await notify.tell("appointment.activation_requested", TO_ACTIVATE)
    assert len(notify.mail.taken) == 1
    await notify.tell("appointment.activation_requested", a_letter(**fields(TO_ACTIVATE), version=4))
    assert len(notify.mail.taken) == 2


def fields(letter: Letter) -> dict[str, object]:
    return {name: getattr(letter, name) for name in ("clerks", "state", "activation_url", "expires_at")}


async def test_a_rebooking_offer_calls_the_entry_off_and_is_superseded_by_the_new_time(notify: Notify) -> None:
    await notify.tell("appointment.rebooking_offered", REBOOKABLE)
    mail = read(notify.mail.taken[0][2])
    event = calendar_of(mail).walk("VEVENT")[0]
    assert (calendar_of(mail)["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("PUBLISH", "CANCELLED", 1)
    assert LETTER.manage_url in text_of(mail)
    assert "Wasserschaden" in text_of(mail)


async def test_a_rebooking_offer_is_not_sent_after_another_time_was_chosen(notify: Notify) -> None:
    await notify.hear("appointment.rebooking_offered", REBOOKABLE)
    await notify.prepare()
    await notify.tell("appointment.moved", at_sequence(a_letter(clerks=()), 2))
    assert await notify.states() == [("rebooking", "suppressed"), ("changed", "accepted")]


@pytest.mark.parametrize("sequence", [1, 2])
async def test_a_rebooking_offer_is_not_sent_after_it_was_declined(notify: Notify, sequence: int) -> None:
    await notify.hear("appointment.rebooking_offered", REBOOKABLE)
    await notify.prepare()
    gone = at_sequence(a_letter(clerks=()), sequence, version=6, state="cancelled_by_office")
    await notify.tell("appointment.cancelled", gone)
    assert await notify.states() == [("rebooking", "suppressed"), ("cancelled", "accepted")]


async def test_after_the_last_day_to_choose_the_offer_is_not_sent(notify: Notify) -> None:
    await notify.hear("appointment.rebooking_offered", REBOOKABLE)
    await notify.prepare()
    notify.clock.pass_by(days=7)
    await notify.send()
    assert await notify.states() == [("rebooking", "expired")]


async def test_who_chose_no_other_time_hears_so_and_not_that_it_is_called_off_again(notify: Notify) -> None:
    await notify.tell("appointment.rebooking_offered", REBOOKABLE)
    given_up = an_office_cancellation(clerks=(), version=6)
    await notify.tell("appointment.cancelled", given_up)
    assert [kind for kind, _ in await notify.states()] == ["rebooking", "declined"]
    assert "Sie haben keine neue Zeit gewählt" in words(notify.mail.taken[1][2])
    assert "Das Geld bekommen Sie zurück" in words(notify.mail.taken[1][2])


async def test_a_later_cancellation_of_what_was_rebooked_is_one_of_its_own(notify: Notify) -> None:
    await notify.tell("appointment.rebooking_offered", REBOOKABLE)
    await notify.tell("appointment.moved", at_sequence(a_letter(clerks=()), 2))
    again = at_sequence(a_letter(clerks=()), 3, state="cancelled_by_office")
    await notify.tell("appointment.cancelled", again)
    assert [kind for kind, _ in await notify.states()] == ["rebooking", "changed", "cancelled"]


@pytest.mark.parametrize(
    ("payment", "said"),
    [
        (a_payment(), True),
        (a_payment(state="authorised", paid=None), True),
        (a_payment(mode="counter", state=None, paid=None), False),
    ],
)
def test_a_rebooking_offer_says_that_the_payment_is_kept(payment: object, said: bool) -> None:
    letter = an_office_cancellation(rebook_until=NOW, payment=payment)
    assert ("Ihre Zahlung bleibt gültig" in words(written("rebooking", letter))) is said


async def test_an_earlier_offer_names_both_times_and_carries_no_entry(notify: Notify) -> None:
    await notify.tell("appointment.earlier_offered", OFFERED)
    mail = read(notify.mail.taken[0][2])
    for needed in ("Mittwoch, 24. März 2027", "Montag, 29. März 2027", "14:00 Uhr", LETTER.manage_url):
        assert needed in text_of(mail)
    assert mail["Subject"] == "Früherer Termin frei: Mi., 24.03., 10:00 Uhr"
    assert all(part.get_content_type() != "text/calendar" for part in mail.walk())


async def test_an_earlier_offer_is_not_sent_after_it_was_taken(notify: Notify) -> None:
    await notify.hear("appointment.earlier_offered", OFFERED)
    await notify.prepare()
    await notify.tell("appointment.moved", at_sequence(a_letter(clerks=()), 1, version=5))
    assert await notify.states() == [("earlier", "suppressed"), ("changed", "accepted")]


async def test_an_earlier_offer_is_not_sent_after_the_visit_was_called_off(notify: Notify) -> None:
    await notify.hear("appointment.earlier_offered", OFFERED)
    await notify.prepare()
    gone = at_sequence(a_letter(clerks=()), 1, version=5, state="cancelled_by_citizen")
    await notify.tell("appointment.cancelled", gone)
    assert await notify.states() == [("earlier", "suppressed"), ("cancelled", "accepted")]


async def test_each_earlier_offer_is_told_once(notify: Notify) -> None:
    await notify.tell("appointment.earlier_offered", OFFERED)
    await notify.tell("appointment.earlier_offered", OFFERED)
    assert len(notify.mail.taken) == 1
    notify.clock.pass_by(hours=5)
    another = EarlierTime(start=START - timedelta(days=2), end=END, expires_at=notify.clock() + timedelta(hours=4))
    await notify.tell("appointment.earlier_offered", a_letter(clerks=(), version=6, earlier=another))
    assert len(notify.mail.taken) == 2


async def test_at_night_an_offer_waits_for_the_morning_and_holds_up_nothing(notify: Notify) -> None:
    notify.clock.pass_by(hours=12)  # 22:00 in Berlin
    tomorrow = EarlierTime(start=EARLIER.start, end=EARLIER.end, expires_at=notify.clock() + timedelta(hours=15))
    await notify.tell("appointment.earlier_offered", a_letter(clerks=(), version=4, earlier=tomorrow))
    assert await notify.states() == [("earlier", "queued")]
    gone = at_sequence(a_letter(clerks=()), 1, version=5, state="cancelled_by_citizen")
    await notify.tell("appointment.cancelled", gone)
    assert await notify.states() == [("earlier", "suppressed"), ("cancelled", "accepted")]


@pytest.mark.parametrize(
    ("letter", "there", "not_there"),
    [
        (an_office_cancellation(), "leider müssen wir Ihren Termin absagen", "Sie müssen nichts weiter tun"),
        (an_office_cancellation(), "Wasserschaden im Rathaus.", "Ihr Termin ist abgesagt"),
        (an_office_cancellation(office_note=""), "Wir bitten um Entschuldigung", "Nachricht an Sie"),
        (at_sequence(FULL, 1, state="cancelled_by_citizen"), "Sie müssen nichts weiter tun", "Özdemir"),
    ],
)
def test_a_cancellation_of_the_office_reads_unlike_ones_own(letter: Letter, there: str, not_there: str) -> None:
    text = words(written("cancelled", letter))
    assert there in text
    assert not_there not in text
