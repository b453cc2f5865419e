"""Booking's golden messages, as notify hears and reads them."""

import random
from pathlib import Path

import msgspec
import pytest
from tests.notify.conftest import Notify
from tests.notify.letters import TENANT
from tests.notify.reading import read, text_of

from contracts.booking import AppointmentEvent, AppointmentEventType, InvitationLetter, Letter
from contracts.tenant import TenantsFile
from notify.usecases.configure import configure
from notify.usecases.take_event import event_taker

GOLDEN = Path(__file__).parents[1] / "contracts/golden"
EVENTS = msgspec.json.decode((GOLDEN / "booking_events.json").read_bytes(), type=list[msgspec.Raw])


def letter_of(name: str) -> Letter:
    return msgspec.json.decode((GOLDEN / name).read_bytes(), type=Letter)


LETTER = letter_of("letter.json")


@pytest.fixture
async def erkelenz(notify: Notify) -> Notify:
    """Where the golden messages come from."""
    await configure(notify.pool, TenantsFile((msgspec.structs.replace(TENANT, slug=LETTER.tenant),)))
    return notify


async def test_golden_events_in_any_order_tell_what_the_golden_letter_says(erkelenz: Notify) -> None:
    notify = erkelenz
    events = [msgspec.json.decode(raw, type=AppointmentEvent) for raw in EVENTS]
    newest = max(events, key=lambda event: event.version)
    notify.clock.now = min(LETTER.start, newest.occurred_at)
    notify.booking.letter = msgspec.structs.replace(LETTER, version=newest.version, state="confirmed")
    take = event_taker(notify.clock)
    async with notify.pool.acquire() as connection, connection.transaction():
        for raw, event in random.Random(7).sample(list(zip(EVENTS, events, strict=True)), len(EVENTS)):
            await take(connection, f"booking.{event.type}", bytes(raw))
    await notify.prepare()
    row = await notify.pool.fetchrow("SELECT version, state FROM appointment")
    assert row is not None
    assert row["version"] == newest.version
    kinds = [row["kind"] for row in await notify.pool.fetch("SELECT kind FROM delivery")]
    assert kinds.count("confirmation") + kinds.count("changed") == 1
    assert kinds.count("invite") == len([clerk for clerk in LETTER.clerks if clerk.live])
    messages = await notify.pool.fetch("SELECT message FROM delivery WHERE audience = 'citizen'")
    assert all(LETTER.number in text_of(read(row["message"])) for row in messages)


@pytest.mark.parametrize(
    ("name", "type_", "kind", "words"),
    [
        ("letter_activation.json", "appointment.activation_requested", "activation", "/bestaetigung/token"),
        ("letter_rebooking.json", "appointment.rebooking_offered", "rebooking", "Frau Jansen ist erkrankt."),
        ("letter_cancelled_by_office.json", "appointment.cancelled", "cancelled", "wegen eines Wasserschadens"),
        ("letter_earlier.json", "appointment.earlier_offered", "earlier", "Montag, 23. November 2026"),
        ("letter_video.json", "appointment.confirmed", "confirmation", "https://video.example/erkelenz/k3jd82"),
    ],
)
async def test_each_golden_letter_becomes_its_mail(
    erkelenz: Notify, name: str, type_: AppointmentEventType, kind: str, words: str
) -> None:
    await erkelenz.hear(type_, letter_of(name))
    await erkelenz.prepare()
    row = await erkelenz.pool.fetchrow("SELECT kind, message FROM delivery WHERE audience = 'citizen'")
    assert row is not None
    assert row["kind"] == kind
    assert words in text_of(read(row["message"]))


async def test_the_golden_invitation_becomes_its_mail(erkelenz: Notify) -> None:
    letter = msgspec.json.decode((GOLDEN / "invitation_letter.json").read_bytes(), type=InvitationLetter)
    erkelenz.booking.invitation = letter
    async with erkelenz.pool.acquire() as connection, connection.transaction():
        event = (GOLDEN / "invitation_event.json").read_bytes()
        await event_taker(erkelenz.clock)(connection, "booking.invitation.sent", event)
    await erkelenz.prepare()
    message = await erkelenz.pool.fetchval("SELECT message FROM delivery")
    assert letter.url in text_of(read(message))
