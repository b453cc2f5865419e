"""The service's pages and API over the real gateways and the real sandbox."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from litestar.testing import AsyncTestClient
from tests.payment.support.apps import lent_app
from tests.payment.support.house import PUBLIC_URL, Clock, body, settings_for
from tests.support.database import Database
from tests.support.sandbox import Sandbox

from kit.sql import Pool
from kit.trust import public_authorities
from payment.app import open_tools
from payment.settings import Settings
from payment.usecases.tools import Tools

BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


class Till:
    """A caller and a citizen at once: creates payments by the API and presses the buttons of the pages."""

    def __init__(self, app: AsyncTestClient[Any], key: str, sandbox: Sandbox, provider: httpx.AsyncClient) -> None:
        self.app = app
        self.key = key
        self.sandbox = sandbox
        self.provider = provider

    async def call(self, path: str, content: Any = None, **headers: str) -> httpx.Response:
        every = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": str(uuid4())} | headers
        return await self.app.post(path, json=content, headers=every)

    async def create(self, **changes: Any) -> dict[str, Any]:
        answer = await self.call("/v1/payments", body(**changes))
        assert answer.status_code == 201, answer.text
        payment: dict[str, Any] = answer.json()
        return payment

    async def read(self, payment: dict[str, Any]) -> dict[str, Any]:
        answer = await self.app.get(f"/v1/payments/{payment['id']}", headers={"Authorization": f"Bearer {self.key}"})
        read: dict[str, Any] = answer.json()
        return read

    async def get(self, url: str) -> httpx.Response:
        """One page of ours, as a browser asks for it, without following redirects."""
        return await self.app.get(url.removeprefix(PUBLIC_URL), headers=BROWSER, follow_redirects=False)

    async def open(self, payment: dict[str, Any]) -> httpx.Response:
        """From the caller's link to the checkout page."""
        entered = await self.get(payment["next_url"])
        assert entered.status_code == 303, entered.text
        return await self.get(entered.headers["location"])

    async def choose(self, payment: dict[str, Any], method: str, **headers: str) -> httpx.Response:
        path = f"/heinsberg/kasse/{payment['id']}/zahlung"
        return await self.app.post(path, data={"method": method}, headers=BROWSER | headers, follow_redirects=False)

    async def press(self, hosted: str, choice: str, **fields: str) -> str:
        """A button of the provider's hosted page; returns where it leads."""
        assert hosted.startswith(self.sandbox.url)
        answer = await self.provider.post(hosted, data={"choice": choice, **fields})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def pay(self, payment: dict[str, Any], method: str = "card", choice: str = "pay", **fields: str) -> str:
        """The whole way there and back; returns where the citizen ends up."""
        await self.open(payment)
        hosted = (await self.choose(payment, method)).headers["location"]
        back = await self.get(await self.press(hosted, choice, **fields))
        assert back.status_code == 303
        return back.headers["location"]


@pytest.fixture
def settings(payment_database: Database, sandbox: Sandbox) -> Settings:
    return settings_for(
        payment_database.url,
        stripe_url=sandbox.url,
        paypal_url=sandbox.url,
        provider_origins=(sandbox.url,),
        paypal_cert_hosts=(urlsplit(sandbox.url).netloc,),
        paypal_ca_file=str(sandbox.data / "paypal-ca.pem"),
    )


@pytest.fixture
async def tools(settings: Settings, clock: Clock) -> AsyncIterator[Tools]:
    """What the worker would have."""
    async with open_tools(settings, clock) as made:
        yield made


@pytest.fixture
async def till(settings: Settings, house: Pool, clock: Clock, key: str, sandbox: Sandbox) -> AsyncIterator[Till]:
    async with httpx.AsyncClient(timeout=10, verify=public_authorities()) as provider:
        with lent_app(settings, clock) as app:
            async with AsyncTestClient(app, base_url=PUBLIC_URL, raise_server_exceptions=False) as client:
                yield Till(client, key, sandbox, provider)
