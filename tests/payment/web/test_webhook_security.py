"""Incoming webhooks, tampered with."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from tests.payment.support.house import Clock
from tests.payment.web.conftest import Till
from tests.payment.web.tampering import TOWNS, Client, configure_stripe, event, send, serving
from tests.support.database import Database

from demo.sandbox.delivery import stripe_headers
from kit.sql import Pool

# The design says: "Empty webhook secret = endpoint off; several secrets for rotation; raw bytes, … size cap"


@pytest.mark.parametrize("secrets", [(), ("",), (" ",), ("", "")])
async def test_an_empty_webhook_secret_turns_the_endpoint_off(client: Client, house: Pool, secrets: Any) -> None:
    """Whoever knows that it is empty could sign with it."""
    await configure_stripe(house, webhook_secrets=secrets)
    for tried in ("", " ", "whsec_heinsberg"):
        assert await send(client, event(), tried) == 400
    assert await house.fetchval("SELECT count(*) FROM provider_event") == 0


async def test_several_webhook_secrets_are_valid_while_they_rotate(client: Client, house: Pool) -> None:
    await configure_stripe(house, webhook_secrets=("whsec_new", "whsec_old"))
    assert await send(client, event("evt_1"), "whsec_old") == 200
    assert await send(client, event("evt_2"), "whsec_new") == 200
    assert await send(client, event("evt_3"), "whsec_new", "whsec_other") == 200
    await configure_stripe(house, webhook_secrets=("whsec_new",))
    assert await send(client, event("evt_4"), "whsec_old") == 400


async def test_the_signature_covers_the_raw_bytes(client: Client) -> None:
    """The same JSON in other bytes is another body."""
    signed = event()
    headers = stripe_headers(signed, ("whsec_heinsberg",), datetime.now(UTC))
    for changed in (signed + b"\n", msgspec.json.format(signed), signed.replace(b"evt_1", b"evt_2")):
        answer = await client.post("/webhooks/heinsberg/stripe", content=changed, headers=headers)
        assert answer.status_code == 400
    assert (await client.post("/webhooks/heinsberg/stripe", content=signed, headers=headers)).status_code == 200


@pytest.mark.parametrize("age_s", [310, 86_400])
async def test_an_old_signature_is_refused(client: Client, age_s: int) -> None:
    assert await send(client, event(), "whsec_heinsberg", age_s=age_s) == 400


@pytest.mark.parametrize("size", [128 * 1024 + 1, 256 * 1024 + 1])
async def test_a_webhook_has_a_size_cap(client: Client, size: int) -> None:
    assert await send(client, b"x" * size, "whsec_heinsberg") == 413


# The design says: "`livemode` mismatch refused; webhook URL bound to its tenant"


async def test_livemode_mismatch_is_refused(payment_database: Database, house: Pool, clock: Clock) -> None:
    async with serving(payment_database, clock, demo_mode=False, allow_loopback=False) as client:
        for mode in ("test", "live"):
            is_live = mode == "live"
            await configure_stripe(house, demo_mode=False, secret_key=f"sk_{mode}_heinsberg")
            assert await send(client, event(mode, livemode=not is_live), "whsec_heinsberg") == 400
            assert await send(client, event(mode, livemode=is_live), "whsec_heinsberg") == 200


async def test_a_webhook_url_is_bound_to_its_tenant(client: Client, house: Pool) -> None:
    assert await send(client, event(), "whsec_erkelenz", slug="heinsberg") == 400
    assert await send(client, event(), "whsec_heinsberg", slug="nobody") == 404
    for slug in TOWNS:  # an event of one town under the id of another's hides nothing
        assert await send(client, event("evt_same"), f"whsec_{slug}", slug=slug) == 200
    rows = await house.fetch("SELECT tenant FROM provider_event ORDER BY 1")
    assert [row["tenant"] for row in rows] == sorted(TOWNS)


async def test_a_town_cannot_make_another_towns_attempt_move(till: Till, house: Pool) -> None:
    payment = await till.create()
    await till.open(payment)
    await till.choose(payment, "card")
    attempt = await house.fetchrow("SELECT id, due_at, updated_at FROM attempt")
    named = event(attempt_id=str(attempt["id"]))
    assert await send(till.app, named, "whsec_erkelenz", slug="erkelenz") == 200
    assert await house.fetchrow("SELECT id, due_at, updated_at FROM attempt") == attempt
