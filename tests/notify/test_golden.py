"""Booking's golden messages, as notify hears and reads them."""

import random
from pathlib import Path

import msgspec
from tests.notify.conftest import Notify
from tests.notify.letters import TENANT
from tests.notify.reading import read, text_of

from contracts.booking import AppointmentEvent, Letter
from contracts.tenant import TenantsFile
from notify.usecases.configure import configure
from notify.usecases.take_event import event_taker

GOLDEN = Path(__file__).parents[1] / "contracts/golden"
EVENTS = msgspec.json.decode((GOLDEN / "booking_events.json").read_bytes(), type=list[msgspec.Raw])
LETTER = msgspec.json.decode((GOLDEN / "letter.json").read_bytes(), type=Letter)


async def test_golden_events_in_any_order_tell_what_the_golden_letter_says(notify: Notify) -> None:
    await configure(notify.pool, TenantsFile((msgspec.structs.replace(TENANT, slug=LETTER.tenant),)))
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
