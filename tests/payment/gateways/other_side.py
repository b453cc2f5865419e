"""A system behind XBezahldienste: our own facade as somebody else's, and accounts there."""

from typing import Any
from uuid import UUID

import httpx
from litestar.testing import AsyncTestClient
from tests.payment.support.house import Clock
from tests.payment.support.provider import MemoryProvider
from tests.payment.support.transactions import BASE, END_POINT, ORIGINATOR

from kit.sql import Pool
from payment.gateways.xbezahldienste import XBezahldiensteGateway
from payment.gateways.xbezahldienste_client import (
    Bearer,
    XBezahldiensteAccount,
    XBezahldiensteClient,
)
from payment.usecases.cancel_payment import cancel_payment
from payment.usecases.choose_method import choose_method
from payment.usecases.once import Once
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools

TOWN = "https://town.example"
SECRET = "proxy-secret-of-the-tests"


class OtherSide:
    """Our facade as somebody else's system: whoever comes with its key orders, and its citizens pay."""

    def __init__(
        self, http: AsyncTestClient[Any], pool: Pool, tools: Tools, provider: MemoryProvider, key: str
    ) -> None:
        self.http = http
        self.pool = pool
        self.tools = tools
        self.provider = provider
        self.key = key

    async def pay(self, session_id: str) -> None:
        await choose_method(self.tools, "heinsberg", UUID(session_id), "card")
        self.provider.latest.pay()
        attempt_id = UUID(self.provider.latest.request.attempt_id)
        await sync_attempt(self.tools, "heinsberg", attempt_id, "citizen")

    async def cancel(self, session_id: str) -> None:
        once = Once(scope="test", key=session_id, fingerprint=b"")
        await cancel_payment(self.tools, "heinsberg", UUID(session_id), once, "citizen")


def account(**changes: Any) -> XBezahldiensteAccount:
    values: dict[str, Any] = {
        "url": f"{TOWN}{BASE}",
        "originator_id": ORIGINATOR,
        "end_point_id": END_POINT,
        "authentication": Bearer(token="t"),
        "booking_data": {"Haushaltsstelle": "51110"},
        "page_life_min": 60,
    }
    return XBezahldiensteAccount(**values | changes)


def gateway_of(wanted: XBezahldiensteAccount, http: httpx.AsyncClient, clock: Clock) -> XBezahldiensteGateway:
    return XBezahldiensteGateway(wanted, XBezahldiensteClient(wanted, http), clock)
