"""The worker as a process: NATS comes late, payment speaks, the worker is killed, and nothing is lost."""

import signal
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import nats
import pytest
from tests.booking.conftest import SetClock
from tests.booking.sample import TENANT
from tests.booking.support.life import Life, at
from tests.booking.support.payment_news import news_of
from tests.booking.support.payment_stand_in import KEY, PaymentStandIn
from tests.support.database import Database
from tests.support.waiting import eventually
from tests.support.worker import free_port, worker

from contracts import booking as messages
from contracts import payment as payment_messages
from contracts.payment import PaymentView
from demo.engines import Nats
from kit.events import ensure_stream
from kit.ids import uuid7


@pytest.fixture
def clock() -> SetClock:
    """The worker is a process of its own and goes by the real time."""
    return SetClock(datetime.now(UTC))


def environment_of(database: Database, payment: PaymentStandIn, nats_port: int, folder: Path) -> dict[str, str]:
    keys = folder / "keys.toml"
    keys.write_text(f'{TENANT} = "{KEY}"\n')
    return {
        "DATABASE_URL": database.url,
        "NATS_URL": f"nats://127.0.0.1:{nats_port}",
        "LINK_KEY": "link-key-of-the-tests",
        "STAFF_KEY": "staff-key-of-the-tests",
        "SERVICE_TOKEN": "service-token-of-the-tests",
        "PAYMENT_URL": payment.url,
        "PAYMENT_API_KEYS_FILE": str(keys),
        "UNFINISHED_AFTER_MIN": "0",
    }


async def an_open_day(life: Life) -> str:
    day = await life.pool.fetchval(
        "SELECT min(day)::text FROM day_mask WHERE day > current_date + 2 AND open <> 0::bit(288)"
    )
    return str(day)


async def publish(url: str, payment: PaymentView) -> None:
    client = await nats.connect(url)
    stream = client.jetstream()
    await ensure_stream(stream, payment_messages.STREAM, ["payment.>"])
    event = msgspec.structs.replace(news_of(payment, TENANT, datetime.now(UTC)), type="payment.authorised")
    newer = msgspec.to_builtins(event) | {"type": "payment.danced"}
    for id_, said in ((str(event.id), msgspec.to_builtins(event)), (str(uuid7()), newer)):
        await stream.publish("payment.authorised", msgspec.json.encode(said), headers={"Nats-Msg-Id": id_})
    await client.close()


async def heard(url: str, appointment_id: UUID) -> list[tuple[str, int]]:
    """What stands in the stream about this appointment, by version."""
    client = await nats.connect(url)
    subscription = await client.jetstream().subscribe(messages.SUBJECT_PREFIX + ">", stream=messages.STREAM)
    found = []
    try:
        while True:
            message = await subscription.next_msg(timeout=0.5)
            event = msgspec.json.decode(message.data, type=messages.AppointmentEvent)
            if event.appointment_id == appointment_id:
                found.append((event.type, event.version))
    except nats.errors.TimeoutError:
        return sorted(found, key=lambda each: each[1])
    finally:
        await client.close()


async def test_an_authorisation_becomes_a_paid_appointment_though_everything_is_killed(
    life: Life, booking_database: Database, tmp_path: Path
) -> None:
    port = free_port()
    engine = Nats(tmp_path / "nats", port)
    environment = environment_of(booking_database, life.payment, port, tmp_path)
    access = await life.hold(at("08:00", await an_open_day(life)))
    view = await life.confirm(access)
    assert view.payment.id is not None

    async def has(state: str, count: int) -> bool:
        return (await life.events(access)).count(state) == count

    async with worker("booking", environment, tmp_path) as process:
        await eventually(lambda: has("payment_unfinished", 1))  # by the clock, while NATS is away
        engine.start()
        try:
            life.payment.mode = "down"
            await publish(engine.url, life.payment.change(view.payment.id, state="authorised"))
            await eventually(lambda: has("confirmed", 1))
            process.send_signal(signal.SIGKILL)
            await process.wait()
            life.payment.mode = "up"
            await life.pool.execute("UPDATE payment_command SET due_at = now()")  # the lease of the dead ends
            async with worker("booking", environment, tmp_path):

                async def is_captured() -> bool:
                    return await life.commands(access) == [("capture", "paid")]

                await eventually(is_captured)
                await publish(engine.url, life.payment.payments[view.payment.id])
                await eventually(lambda: has("paid", 1))

                async def is_told() -> bool:
                    return not await life.pool.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")

                await eventually(is_told)
                told = await heard(engine.url, access.appointment_id)
        finally:
            engine.stop()
    assert [type_.removeprefix("appointment.") for type_, _ in told] == await life.events(access)
    assert (await life.view(access)).state == "confirmed"
