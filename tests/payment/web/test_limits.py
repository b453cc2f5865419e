import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
from litestar.testing import AsyncTestClient
from tests.payment.support.apps import lent_app
from tests.payment.support.house import Clock, key_for, settings_for
from tests.payment.support.transactions import BASE, END_POINT, ORIGINATOR, configure_originators
from tests.support.database import Database

from kit.sql import Pool
from payment.domain import api_key
from payment.domain.api_key import make_key
from payment.usecases.configure import OriginatorEntry


@asynccontextmanager
async def serving(database: Database, clock: Clock, **changes: Any) -> AsyncIterator[AsyncTestClient[Any]]:
    with lent_app(settings_for(database.url, **changes), clock) as app:
        async with AsyncTestClient(app, raise_server_exceptions=False) as client:
            yield client


async def ask(client: AsyncTestClient[Any], key: str, client_address: str = "192.0.2.1") -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", "X-Forwarded-For": client_address}
    return await client.get(f"/v1/payments/{uuid4()}", headers=headers)


async def test_a_key_has_its_own_rate(payment_database: Database, house: Pool, clock: Clock) -> None:
    busy, quiet = await key_for(house, clock), await key_for(house, clock)
    async with serving(payment_database, clock, rate_key="6/3") as client:
        assert [(await ask(client, busy)).status_code for _ in range(4)] == [404, 404, 404, 429]
        refused = await ask(client, busy)
        assert refused.json()["code"] == "too_many_requests"
        assert 1 <= int(refused.headers["Retry-After"]) <= 10
        assert (await ask(client, quiet)).status_code == 404


async def test_who_tries_keys_is_stopped_and_no_true_key(payment_database: Database, house: Pool, clock: Clock) -> None:
    key = await key_for(house, clock)
    async with serving(payment_database, clock, rate_failures="6/3", trusted_proxies=1) as client:
        guesses = [make_key("test"), "nonsense", key[:-1], make_key("test")]
        assert [(await ask(client, guess)).status_code for guess in guesses] == [401, 401, 401, 429]
        stopped = await ask(client, make_key("test"))
        assert (stopped.status_code, "Retry-After" in stopped.headers) == (429, True)
        assert (await ask(client, key)).status_code == 404  # a true key of another portal behind the same address
        staff = await client.get("/v1/staff/api-keys", headers={"Authorization": "Bearer x"})
        assert staff.status_code == 401  # from another address
        assert (await ask(client, make_key("test"), "192.0.2.2")).status_code == 401
        spoofed = "192.0.2.9, 192.0.2.1"  # what the caller wrote before our proxy's word
        assert (await ask(client, make_key("test"), spoofed)).status_code == 429


async def test_a_wrong_key_uses_up_nobodys_rate(payment_database: Database, house: Pool, clock: Clock) -> None:
    key = await key_for(house, clock)
    async with serving(payment_database, clock, rate_key="6/2", rate_failures="off") as client:
        secret = key.split("_")[2]
        body = key.removesuffix(secret) + "A" * 32  # its prefix, and a checksum that fits
        for _ in range(5):
            assert (await ask(client, body + api_key._checksum(body))).status_code == 401
        assert (await ask(client, key)).status_code == 404


async def test_off_is_off(payment_database: Database, house: Pool, clock: Clock) -> None:
    key = await key_for(house, clock)
    async with serving(payment_database, clock, rate_key="off", rate_failures="off") as client:
        assert {(await ask(client, make_key("test"))).status_code for _ in range(30)} == {401}
        assert (await ask(client, key)).status_code == 404


async def test_a_certificate_has_the_same_rate_as_a_key(payment_database: Database, house: Pool, clock: Clock) -> None:
    fingerprints = {name: hashlib.sha256(name).hexdigest() for name in (b"busy", b"quiet")}
    certificates = tuple(fingerprints.values())
    entry = OriginatorEntry(id=ORIGINATOR, end_points=(END_POINT,), certificates=certificates)
    await configure_originators(house, entry)
    proxy = {"client_cert_header": "Client-Cert", "client_cert_secret": "proxy-secret-of-the-tests"}
    async with serving(payment_database, clock, rate_key="6/3", rate_failures="6/3", **proxy) as client:

        async def come(certificate: bytes) -> httpx.Response:
            header = f":{base64.b64encode(certificate).decode()}:"
            headers = {"Client-Cert": header, "Schalter-Proxy-Secret": proxy["client_cert_secret"]}
            return await client.get(f"{BASE}/status/{ORIGINATOR}/{END_POINT}", headers=headers)

        assert [(await come(b"busy")).status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = await come(b"busy")
        assert (refused.json()["functionalCode"], "Retry-After" in refused.headers) == ("UNSPECIFIED", True)
        assert (await come(b"quiet")).status_code == 200
        assert [(await come(b"unknown")).status_code for _ in range(4)] == [403, 403, 403, 429]
