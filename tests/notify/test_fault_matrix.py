"""Plays the fault matrix of delivery, and holds its page in `docs/` equal to it (`WRITE_DOCS=1` writes it anew)."""

import os
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from tests.notify.conftest import Notify
from tests.notify.fault_matrix import MATRIX, Fault, draw, event_of
from tests.notify.letters import LETTER, START, a_letter, at_sequence
from tests.support.events import list_events

from contracts.booking import Letter
from contracts.notify import DeliveryEvent
from notify.store.claims import Claimed, mark_data_started
from notify.store.delivery_lists import DeliveryView
from notify.usecases.claim_deliveries import LEASE

PAGE = Path("docs/delivery-fault-matrix.md")
HEAD = """# The fault matrix of delivery
What goes wrong between us and the mail server, and how it ends. Each line is played by the tests against a real SMTP
server (`tests/notify/fault_matrix.py`, from which this table is drawn): a confirmation to a citizen is due, and meets
the fault; time passes by tries. Copies are what reached the recipient's server: the same bytes with the same
Message-ID, so that it can drop the second. "Told" is the event `notify.delivery.…`.

What no table can play in a moment, `tests/notify/test_hostile_server.py` does: postfix's `smtp-sink` with all its bad
manners, two workers killed at random, nothing lost and one Message-ID a mail; and `tests/notify/test_postfix.py`:
STARTTLS with a verified certificate and with wrong ones, the DSN of a real postfix, a postgrey at its door. That copies
are stored once where the recipient's server knows Sieve, `tests/notify/test_stored_once.py` asks dovecot.

"""
FOR_CITIZEN = a_letter(clerks=())


def test_the_page_shows_the_matrix() -> None:
    text = HEAD + draw() + "\n"
    if "WRITE_DOCS" in os.environ:
        PAGE.write_text(text)
    assert PAGE.read_text() == text


@pytest.mark.parametrize("fault", MATRIX, ids=lambda fault: fault.what)
async def test_the_end(notify: Notify, fault: Fault) -> None:
    if fault.at:
        getattr(notify.mail, fault.at).extend(fault.answers)
    port = notify.mail.port
    await first_try(notify, fault)
    first = await the_mail(notify)
    pause = await notify.pool.fetchval("SELECT cause FROM relay_pause")
    assert (f"{first.state}: {first.cause}" if fault.first else "", pause or "") == (fault.first, fault.pause)
    await trouble(notify, fault, port)
    for _ in range(99):
        if (await the_mail(notify)).settled_at:
            break
        notify.clock.now = max((await the_mail(notify)).next_try_at or notify.clock.now, notify.clock.now)
        notify.clock.pass_by(seconds=LEASE.total_seconds() if pause is None else 60)
        await notify.send()
    await judge(notify, fault)


async def first_try(notify: Notify, fault: Fault) -> None:
    if fault.trouble == "away":
        await notify.mail.stop()
    if fault.trouble in {"dies_before_data", "dies_after_data", "dies_moved"}:
        await die(notify, fault.trouble)
    else:
        await notify.tell("appointment.confirmed", letter_of(notify, fault))


def letter_of(notify: Notify, fault: Fault) -> Letter:
    if fault.trouble == "starts":
        return a_letter(clerks=(), start=notify.clock() + timedelta(minutes=50))
    return a_letter(clerks=(), start=START + timedelta(days=30))


async def die(notify: Notify, trouble: str) -> None:
    await notify.hear("appointment.confirmed", FOR_CITIZEN)
    await notify.prepare()
    claimed = await notify.sending.desk.claim()
    assert isinstance(claimed, Claimed)
    if trouble == "dies_after_data":
        async with notify.pool.acquire() as connection:
            assert await mark_data_started(connection, [claimed], notify.clock())
    if trouble == "dies_moved":
        await move(notify)
    notify.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    await notify.release()


async def trouble(notify: Notify, fault: Fault, port: int) -> None:
    match fault.trouble:
        case "away":
            for _ in range(40 - 1):
                notify.clock.now = (await the_mail(notify)).next_try_at or notify.clock.now
                notify.clock.pass_by(minutes=2)
                await notify.send()
            await notify.mail.start(port)
        case "cancelled":
            await notify.hear("appointment.cancelled", at_sequence(FOR_CITIZEN, 1, state="cancelled_by_citizen"))
        case "moved":
            await move(notify)


async def move(notify: Notify) -> None:
    await notify.hear("appointment.moved", at_sequence(FOR_CITIZEN, 1))
    await notify.prepare()


async def the_mail(notify: Notify) -> DeliveryView:
    return (await notify.listed())[0]


async def judge(notify: Notify, fault: Fault) -> None:
    delivery = await the_mail(notify)
    copies = [data for _, _, data in notify.mail.taken if str(delivery.id).encode() in data]
    assert (delivery.state, len(copies)) == (fault.end, fault.copies)
    assert fault.tries in {delivery.tries, None}
    assert len(set(copies)) <= 1
    async with notify.pool.acquire() as connection:
        events = [msgspec.json.decode(row.payload, type=DeliveryEvent) for row in await list_events(connection)]
    told = [(event.type, event.address_refused) for event in events if event.delivery_id == delivery.id]
    assert told == ([(event_of(fault), fault.address_refused)] if event_of(fault) else [])
    assert delivery.appointment_id == LETTER.appointment_id
