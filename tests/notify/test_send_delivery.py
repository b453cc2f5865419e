"""Delivery against a mail server that misbehaves: late, never lost, never reordered, the same bytes."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.notify.conftest import Notify
from tests.notify.letters import LETTER, START, a_citizen, a_letter, at_sequence
from tests.notify.reading import read

from contracts.booking import AppointmentEventType, Letter
from notify.domain.sending import Outcome
from notify.store.claims import Claimed, mark_data_started
from notify.usecases.claim_deliveries import LEASE

FOR_CITIZEN = a_letter(clerks=())
FOR_CLERK = a_letter(citizen=a_citizen(email=None, phone="1"))


async def later(notify: Notify, **duration: float) -> None:
    notify.clock.pass_by(**duration)
    await notify.send()


@pytest.mark.parametrize("where", ["mail", "rcpt", "data"])
async def test_a_4xx_is_tried_again(notify: Notify, where: str) -> None:
    getattr(notify.mail, where).append("451 4.7.1 Greylisted, come back later")
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    delivery = (await notify.listed())[0]
    assert (delivery.state, delivery.cause, delivery.tries) == ("retry_wait", "deferred_451", 1)
    await later(notify, seconds=15)
    assert await notify.states() == [("confirmation", "accepted")]


async def test_a_5xx_for_the_recipient_is_final_and_reminders_stay_away(notify: Notify) -> None:
    notify.mail.rcpt.append("550 5.1.1 No such user")
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    assert (await notify.listed())[0].cause == "address_refused_550"
    await notify.tell("appointment.reminder_due", FOR_CITIZEN)
    await notify.tell("appointment.link_requested", FOR_CITIZEN)
    assert await notify.states() == [("confirmation", "failed"), ("reminder", "suppressed"), ("link", "accepted")]
    await notify.tell("appointment.reminder_due", at_sequence(FOR_CITIZEN, 1))
    assert (await notify.states())[-1] == ("reminder", "accepted")  # the link was taken, so the address is well


@pytest.mark.parametrize("answer", ["drop_after_data", "drop_after_dot"])
async def test_a_connection_lost_after_data_is_unknown_and_the_same_bytes_go_again(notify: Notify, answer: str) -> None:
    notify.mail.data.append(answer)
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    assert await notify.states() == [("confirmation", "unknown")]
    await later(notify, seconds=15)
    assert await notify.states() == [("confirmation", "accepted")]
    bodies = {data for _, _, data in notify.mail.taken}
    assert len(bodies) == 1
    assert len(notify.mail.taken) == (2 if answer == "drop_after_dot" else 1)


async def test_a_mail_server_that_is_away_costs_no_mail(notify: Notify) -> None:
    port = notify.mail.port
    await notify.mail.stop()
    await notify.tell("appointment.confirmed", a_letter(clerks=(), start=START + timedelta(days=30)))
    for _ in range(30):
        await later(notify, hours=2)
    assert (await notify.listed())[0].state == "retry_wait"
    await notify.mail.start(port)
    await later(notify, hours=2)
    assert await notify.states() == [("confirmation", "accepted")]


async def test_a_wrong_password_opens_the_breaker_and_costs_no_try(notify: Notify) -> None:
    notify.mail.mail.append("535 5.7.8 Authentication failed")
    await notify.tell("appointment.confirmed", LETTER)
    assert {(delivery.state, delivery.tries) for delivery in await notify.listed()} == {("queued", 0)}
    await notify.send()
    assert notify.mail.connections == 1  # the second mail did not even ask
    await later(notify, seconds=31)
    assert {state for _, state in await notify.states()} == {"accepted"}


async def test_421_slows_all_senders_down(notify: Notify) -> None:
    notify.mail.rcpt.append("421 4.7.0 Too many")
    await notify.tell("appointment.confirmed", LETTER)
    assert sorted(state for _, state in await notify.states()) == ["queued", "retry_wait"]
    await later(notify, seconds=15)
    assert {state for _, state in await notify.states()} == {"accepted"}


async def test_a_later_revision_never_overtakes_one_of_unknown_outcome(notify: Notify) -> None:
    notify.mail.data.append("drop_after_dot")
    await notify.tell("appointment.confirmed", FOR_CLERK)
    await notify.tell("appointment.moved", at_sequence(FOR_CLERK, 1))
    assert await notify.states() == [("invite", "unknown"), ("update", "queued")]
    await later(notify, seconds=15)
    assert await notify.states() == [("invite", "accepted"), ("update", "accepted")]
    sequences = [re.search(rb"Message-ID: (.*)\r", data)[1] for _, _, data in notify.mail.taken]  # type: ignore[index]
    assert sequences[0] == sequences[1] != sequences[2]


@pytest.mark.parametrize("outcome", [Outcome("deferred", 450), Outcome("cut_off"), Outcome("locked_out", 535)])
async def test_what_was_in_a_senders_hands_is_superseded_when_it_is_put_down(notify: Notify, outcome: Outcome) -> None:
    claimed = await claim(notify)
    await notify.tell("appointment.moved", at_sequence(FOR_CITIZEN, 1))
    assert await notify.states() == [("confirmation", "claimed"), ("changed", "queued")]
    await notify.sending.desk.settle(claimed, outcome)
    await later(notify, seconds=31 if outcome.result == "locked_out" else 0)  # the pause of the server; else at once
    assert await notify.states() == [("confirmation", "suppressed"), ("changed", "accepted")]
    assert (await notify.listed())[0].cause == "superseded"
    assert len(notify.mail.taken) == 1


async def test_an_offer_in_a_senders_hands_is_not_sent_after_it_was_declined(notify: Notify) -> None:
    offer = at_sequence(FOR_CITIZEN, 1, state="cancelled_by_office", rebook_until=notify.clock() + timedelta(days=7))
    claimed = await claim(notify, "appointment.rebooking_offered", offer)
    await notify.tell("appointment.cancelled", at_sequence(FOR_CITIZEN, 1, version=6, state="cancelled_by_office"))
    await notify.sending.desk.settle(claimed, Outcome("deferred", 450))
    await notify.send()
    assert await notify.states() == [("rebooking", "suppressed"), ("cancelled", "accepted")]


async def test_a_cancellation_that_was_sent_back_is_told_before_what_follows_it(notify: Notify) -> None:
    notify.mail.rcpt.append("450 4.2.0 later")
    await notify.tell("appointment.cancelled", at_sequence(FOR_CITIZEN, 1, state="cancelled_by_office"))
    await notify.tell("appointment.moved", at_sequence(FOR_CITIZEN, 2))
    assert await notify.states() == [("cancelled", "retry_wait"), ("changed", "queued")]
    await later(notify, seconds=15)
    assert await notify.states() == [("cancelled", "accepted"), ("changed", "accepted")]


async def test_a_cancel_follows_an_invitation_of_unknown_outcome(notify: Notify) -> None:
    notify.mail.data.append("drop_after_dot")
    await notify.tell("appointment.confirmed", FOR_CLERK)
    gone = at_sequence(FOR_CLERK, 1, state="cancelled_by_citizen")
    await notify.tell("appointment.cancelled", gone)
    await later(notify, seconds=15)
    assert await notify.states() == [("invite", "suppressed"), ("withdrawal", "accepted")]


async def test_nothing_is_tried_past_the_start(notify: Notify) -> None:
    soon = a_letter(clerks=(), start=notify.clock() + timedelta(minutes=6))
    notify.mail.rcpt += ["451 later"] * 10
    await notify.tell("appointment.confirmed", soon)
    for _ in range(20):
        await later(notify, minutes=1)
    assert await notify.states() == [("confirmation", "expired")]
    assert notify.mail.taken == []


async def test_a_reminder_waits_for_the_morning(notify: Notify) -> None:
    notify.clock.now = datetime(2027, 3, 27, 22, 30, tzinfo=UTC)  # 23:30 in Berlin, the night before the clocks change
    await notify.tell("appointment.reminder_due", FOR_CITIZEN)
    delivery = (await notify.listed())[0]
    assert delivery.next_try_at == datetime(2027, 3, 28, 5, 0, tzinfo=UTC)
    await later(notify, hours=6, minutes=31)
    assert await notify.states() == [("reminder", "accepted")]


async def claim(
    notify: Notify, type_: AppointmentEventType = "appointment.confirmed", letter: Letter = FOR_CITIZEN
) -> Claimed:
    await notify.hear(type_, letter)
    await notify.prepare()
    claimed = await notify.sending.desk.claim()
    assert isinstance(claimed, Claimed)
    return claimed


async def test_a_sender_that_died_before_data_is_followed_by_another(notify: Notify) -> None:
    await claim(notify)
    await notify.send()
    assert notify.mail.taken == []  # the lease holds
    notify.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    assert await notify.release() == 1
    assert await notify.states() == [("confirmation", "retry_wait")]
    await notify.send()
    assert await notify.states() == [("confirmation", "accepted")]


async def test_a_sender_that_died_after_data_leaves_an_unknown_outcome(notify: Notify) -> None:
    claimed = await claim(notify)
    async with notify.pool.acquire() as connection:
        assert await mark_data_started(connection, [claimed], notify.clock())
    notify.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    await notify.release()
    assert await notify.states() == [("confirmation", "unknown")]
    await notify.send()
    assert notify.mail.taken[0][2] == claimed.message


async def test_who_lost_the_lease_may_not_begin(notify: Notify) -> None:
    claimed = await claim(notify)
    notify.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    async with notify.pool.acquire() as connection:
        assert not await mark_data_started(connection, [claimed], notify.clock())


async def test_the_envelope_names_the_delivery(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    sender, recipient, data = notify.mail.taken[0]
    delivery = (await notify.listed())[0]
    assert re.fullmatch(rf"b\+{delivery.id.hex}[0-9a-f]{{12}}@schalter\.example", sender)
    assert len(sender.partition("@")[0]) <= 64
    assert read(data)["Message-ID"] == f"<{delivery.id}@schalter.example>"
    assert delivery.recipient == "e…@example.org"
    assert recipient == "erika.mustermann@example.org"
