"""The real worker process, killed with SIGKILL while it captures and started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import nats
from tests.payment.support.house import ACCOUNTS_KEY, LINK_KEY, PUBLIC_URL, STAFF_KEY
from tests.payment.web.conftest import Till
from tests.support.database import Database
from tests.support.waiting import eventually

from kit.sql import Pool
from payment.settings import Settings

COUNT = 5


@contextmanager
def worker(settings: Settings, database: Database, nats_url: str) -> Iterator["subprocess.Popen[bytes]"]:
    environment = os.environ | {
        "DATABASE_URL": database.url,
        "NATS_URL": nats_url,
        "PUBLIC_URL": PUBLIC_URL,
        "LINK_KEY": LINK_KEY,
        "STAFF_KEY": STAFF_KEY,
        "ACCOUNTS_KEY": ACCOUNTS_KEY,
        "STRIPE_URL": settings.stripe_url,
        "PAYPAL_URL": settings.paypal_url,
        "DEMO_MODE": "true",
    }
    process = subprocess.Popen([sys.executable, "-m", "payment", "work"], env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


async def reserve_and_lose_the_captures(till: Till) -> list[dict[str, Any]]:
    payments = [await till.create(capture="manual") for _ in range(COUNT)]
    for payment in payments:
        await till.pay(payment)
    till.sandbox.set_faults(fail_before=1000)
    for payment in payments:
        answer = await till.call(f"/v1/payments/{payment['id']}/capture")
        assert (answer.status_code, answer.json()["state"]) == (202, "capturing")
    return payments


async def until_none_is_capturing(house: Pool) -> None:
    """Asks the table: whoever asks the API this often is told 429."""
    await eventually(
        lambda: house.fetchval("SELECT NOT EXISTS (SELECT FROM payment WHERE state = 'capturing')"), timeout_s=60
    )


async def published(nats_url: str, payments: list[dict[str, Any]]) -> set[bytes]:
    """Which of these payments' `payment.paid` lie in the stream."""
    client = await nats.connect(nats_url)
    try:
        subscription = await client.jetstream().subscribe("payment.paid", ordered_consumer=True)
        ids = {payment["id"].encode() for payment in payments}
        seen: set[bytes] = set()
        while seen != ids:
            message = await subscription.next_msg(timeout=10)
            seen |= {id_ for id_ in ids if id_ in message.data}
        return seen
    finally:
        await client.close()


def captured_cents(till: Till, payments: list[dict[str, Any]]) -> list[int]:
    return [till.sandbox.ledger(payment["treasury_reference"])[0]["captured_cents"] for payment in payments]


async def test_killed_while_capturing(
    till: Till, settings: Settings, payment_database: Database, house: Pool, *, nats_url: str
) -> None:
    """The provider has taken the money, and the worker dies without having learnt it."""
    payments = await reserve_and_lose_the_captures(till)
    till.sandbox.set_faults(fail_after=1000)
    with worker(settings, payment_database, nats_url):
        await eventually(lambda: any(captured_cents(till, payments)), timeout_s=30)
    assert await house.fetchval("SELECT count(*) FROM payment WHERE state = 'capturing'") > 0
    till.sandbox.set_faults()
    await house.execute(
        "UPDATE attempt SET due_at = now() WHERE due_at > now()"
    )  # the dead worker's half minute passes
    with worker(settings, payment_database, nats_url):
        await until_none_is_capturing(house)
        assert {(await till.read(payment))["state"] for payment in payments} == {"paid"}
        assert len(await published(nats_url, payments)) == COUNT
    assert captured_cents(till, payments) == [1500] * COUNT
