"""What holds callers to what is theirs, tampered with line by line.

Elsewhere: incoming webhooks (`test_webhook_security.py`), outgoing ones (`tests/kit/test_webhooks.py`,
`test_webhook_endpoints.py`), PayPal's certificates (`gateways/test_webhooks.py`), tenants in the database
(`store/test_row_level_security.py`).
"""

import io
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from tests.payment.support.house import (
    PORTAL,
    Clock,
    body,
    key_for,
    settings_for,
)
from tests.payment.web.conftest import Till
from tests.payment.web.tampering import Client, configure_stripe, create, serving
from tests.support.database import Database
from tests.support.scan import scan_database

from contracts.money import Money
from kit.log import JsonFormatter
from kit.sql import Pool
from payment.app import open_tools
from payment.domain.api_key import SCOPES
from payment.domain.errors import Forbidden
from payment.gateways.gateway import OpenSession
from payment.gateways.paypal_answers import order_body
from payment.gateways.stripe_answers import session_params
from payment.usecases.configure import ConfigureError
from payment.usecases.find_gateway import AccountGateways

# The design says: "API keys `live_`/`test_` with a checksum, stored hashed, with scopes (refund apart) and last use"


async def test_refunds_are_a_scope_apart(client: Client, house: Pool, clock: Clock) -> None:
    every_other = [scope for scope in SCOPES if scope != "refunds:request"]
    key = await key_for(house, clock, scopes=every_other)
    payment = (await create(client, key)).json()
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "r"}
    wanted = {"amount_cents": 100, "reason": "goodwill"}
    answer = await client.post(f"/v1/payments/{payment['id']}/refunds", json=wanted, headers=headers)
    assert (answer.status_code, "refunds:request" in answer.text) == (403, True)


async def test_a_key_is_nowhere_in_the_database(payment_database: Database, key: str, client: Client) -> None:
    assert (await create(client, key)).status_code == 201
    secret = key.split("_")[2]
    assert await scan_database("payment", payment_database.owner_url, [key, secret, secret[:-6]]) == set()


# The design says: "`return_url` by a tenant's exact origin list, https, no userinfo", "http only on loopback in demo"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        f"{PORTAL}.evil.example/",
        f"{PORTAL}:8443/",
        f"{PORTAL}@evil.example/",
        "https://user@portal.example/",
        "https://user:pass@portal.example/",
        "https://sub.portal.example/",
        "http://portal.example/",
        "//portal.example/",
        "javascript:alert(1)//portal.example",
        "https:portal.example",
        "https://portal.example\\@evil.example/",
        "https://portal.example/\x7f",
        "https://portal.example\t.evil.example/",
        "https://evil.example/#https://portal.example",
        "https://xn--prtal-jua.example/",
    ],
)
async def test_return_url_is_of_a_listed_origin_and_nothing_else(client: Client, key: str, url: str) -> None:
    answer = await create(client, key, return_url=url)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "return_url")


async def test_http_leads_back_to_loopback_in_the_demo_alone(
    payment_database: Database, house: Pool, clock: Clock
) -> None:
    key, url = await key_for(house, clock), "http://127.0.0.1:8000/danke"
    for is_demo, status in ((True, 201), (False, 400)):
        async with serving(payment_database, clock, demo_mode=is_demo, allow_loopback=is_demo) as client:
            assert (await create(client, key, return_url=url)).status_code == status


# The design says: "Only brand, last four digits and expiry of a card are ever stored. No bodies, names … in logs."


async def test_of_a_card_brand_last_digits_and_expiry_are_stored(
    till: Till, house: Pool, payment_database: Database
) -> None:
    payment = await till.create()
    await till.pay(payment, "card")
    card = await house.fetchval("SELECT card FROM attempt")
    assert set(card) <= {"brand", "last4", "expiry_month", "expiry_year"}
    assert len(card["last4"]) == 4
    assert await scan_database("payment", payment_database.owner_url, ["4242424242424242", "424242424242"]) == set()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the service writes, at its most talkative."""
    text, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(text)
    handler.setFormatter(JsonFormatter("payment"))
    level = root.level
    root.addHandler(handler)
    root.setLevel("INFO")
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


async def test_no_bodies_names_addresses_or_keys_in_logs(till: Till, log: io.StringIO) -> None:
    words = {"reference": "Erika-Mustermann-1", "description": "Antrag erika@example.org"}
    payment = await till.create(**words)
    await till.pay(payment, "card")
    refund = {"amount_cents": 100, "reason": "reduced"}
    await till.call(f"/v1/payments/{payment['id']}/refunds", refund)
    await till.call("/v1/payments", body(**words) | {"items": "Mustermann"})
    await till.app.post("/webhooks/heinsberg/stripe", content=b'{"name": "Mustermann"}')
    written = log.getvalue()
    assert "provider asked" in written
    secrets = (till.key, till.key.split("_")[2], "sk_test_", "whsec_", payment["next_url"].rsplit("/", 1)[-1])
    for word in ("Mustermann", "erika@", "Antrag", *secrets):
        assert word not in written


# The design says: "Demo mode refuses live keys and says so on every page."


async def test_a_demo_refuses_live_keys_wherever_they_come_from(
    house: Pool, payment_database: Database, client: Client, clock: Clock
) -> None:
    live = await key_for(house, clock, mode="live")
    assert (await create(client, live)).status_code == 403
    with pytest.raises(ConfigureError, match="demo"):
        await configure_stripe(house, secret_key="sk_live_x")
    await configure_stripe(house, secret_key="rk_live_x", demo_mode=False)  # stored before it became a demo
    async with open_tools(settings_for(payment_database.url), clock) as tools:
        assert isinstance(tools.gateways, AccountGateways)
        with pytest.raises(Forbidden, match="demo"):
            await tools.gateways.find("heinsberg", "stripe")


async def test_a_demo_says_so_on_every_page(till: Till, clock: Clock) -> None:
    payment = await till.create()
    await till.pay(payment)
    own = f"/heinsberg/kasse/{payment['id']}"
    for page in (own, f"{own}/stand", f"{own}/beleg", "/heinsberg/nowhere"):
        assert "keine echten Zahlungen" in (await till.get(page)).text, page


# The design says: "What a provider is told is neutral ("Gebühr" and the Kassenzeichen), never the service."


def test_providers_are_told_a_neutral_word_and_the_kassenzeichen() -> None:
    request = OpenSession(
        attempt_id=str(UUID(int=1)),
        key="k",
        amount=Money(1500, "EUR"),
        capture="manual",
        reference="T-1",
        success_url="https://checkout.example/heinsberg/kasse/1/zurueck",
        cancel_url="https://checkout.example/heinsberg/kasse/1/abbruch",
        expires_at=datetime.now(UTC),
        requested_at=datetime.now(UTC),
    )
    told: dict[str, Any] = {**session_params(request)}
    (unit,) = order_body(request)["purchase_units"]
    assert told["line_items"][0]["price_data"]["product_data"] == {"name": "Gebühr"}
    assert told["payment_intent_data"]["description"] == unit["description"] == "Gebühr T-1"


# The design says: "The CSP's `form-action` lists the checkout's and the providers' origins"


async def test_form_action_lists_our_own_and_the_providers_origins(till: Till) -> None:
    page = await till.open(await till.create())
    directives = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";") if part)
    assert set(directives["form-action"].split()) == {"'self'", till.sandbox.url}
