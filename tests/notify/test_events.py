"""What the others hear of a mail: once, with ids alone."""

from datetime import timedelta

import msgspec
import pytest
from tests.notify.conftest import Notify
from tests.notify.letters import LETTER, START, a_citizen, a_letter
from tests.support.events import list_events

from contracts.notify import DeliveryEvent

FOR_CITIZEN = a_letter(clerks=())


async def told(notify: Notify) -> list[DeliveryEvent]:
    async with notify.pool.acquire() as connection:
        rows = await list_events(connection)
    assert [row.subject for row in rows] == [msgspec.json.decode(row.payload)["type"] for row in rows]
    return [msgspec.json.decode(row.payload, type=DeliveryEvent) for row in rows]


async def test_an_accepted_mail_is_told_with_ids_alone(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", LETTER)
    events = await told(notify)
    assert {(event.type, event.audience, event.kind) for event in events} == {
        ("notify.delivery.accepted", "citizen", "confirmation"),
        ("notify.delivery.accepted", "clerk", "invite"),
    }
    assert {event.delivery_id for event in events} == {delivery.id for delivery in await notify.listed()}
    assert {(event.appointment_id, event.tenant, event.version) for event in events} == {
        (LETTER.appointment_id, "heinsberg", 1)
    }
    words = b" ".join(msgspec.json.encode(event) for event in events)
    assert b"@" not in words
    assert b"rika" not in words


@pytest.mark.parametrize(
    ("answer", "cause", "address_refused"),
    [("550 5.1.1 No such user", "address_refused_550", True), ("554 5.7.1 Denied", "refused_554", False)],
)
async def test_a_refused_mail_says_whether_it_was_the_address(
    notify: Notify, answer: str, cause: str, address_refused: bool
) -> None:
    notify.mail.rcpt.append(answer)
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    (event,) = await told(notify)
    assert (event.type, event.cause, event.address_refused) == ("notify.delivery.failed", cause, address_refused)


async def test_an_address_that_no_server_could_be_asked_to_take_is_told_at_once(notify: Notify) -> None:
    await notify.tell("appointment.confirmed", a_letter(clerks=(), citizen=a_citizen(email="erika@exa mple")))
    (event,) = await told(notify)
    assert (event.type, event.cause, event.address_refused) == ("notify.delivery.failed", "address_unusable", True)


async def test_nothing_is_told_before_it_is_settled(notify: Notify) -> None:
    notify.mail.rcpt.append("451 later")
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    assert await told(notify) == []
    notify.clock.pass_by(seconds=15)
    await notify.send()
    assert [event.type for event in await told(notify)] == ["notify.delivery.accepted"]


async def test_a_mail_that_came_too_late_is_told(notify: Notify) -> None:
    await notify.hear("appointment.confirmed", FOR_CITIZEN)
    await notify.prepare()
    notify.clock.pass_by(seconds=(START - notify.clock() + timedelta(minutes=1)).total_seconds())
    await notify.send()
    assert [(event.type, event.cause) for event in await told(notify)] == [("notify.delivery.expired", "too_late")]
