"""Booking and payment as the demo's portal sees them, and an order placed there."""

from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import msgspec
from litestar import Litestar
from litestar.testing import AsyncTestClient

from contracts.money import Money
from contracts.payment import PaymentView
from demo.portal.app import build
from demo.portal.settings import Settings
from kit.ids import uuid7

HTML = {"Accept": "text/html"}


NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


SECRET = "whsec_of_the_tests"


TENANTS = [{"slug": "heinsberg", "name": "Stadt Heinsberg", "kind": "Stadt", "ars": "053700016016", "hosts": []}]


class Partners:
    """Booking and payment as the portal sees them over HTTP."""

    def __init__(self) -> None:
        self.away = False
        self.payments: dict[str, PaymentView] = {}
        self.bodies: list[dict[str, object]] = []
        self.registrations = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("away", request=request)
        path = request.url.path
        if path == "/v1/tenants":
            return httpx.Response(200, json={"items": TENANTS})
        assert request.headers["authorization"] == "Bearer key-of-the-portal"
        if path == "/v1/webhook-endpoints":
            self.registrations += 1
            return httpx.Response(201, json={"id": "we_1", "secret": SECRET})
        if path == "/v1/payments":
            return httpx.Response(201, content=msgspec.json.encode(self._create(request)))
        return httpx.Response(200, content=msgspec.json.encode(self.by_id(UUID(path.rsplit("/", 1)[1]))))

    def _create(self, request: httpx.Request) -> PaymentView:
        key = request.headers["idempotency-key"]
        self.bodies.append(msgspec.json.decode(request.content))
        if key not in self.payments:
            self.payments[key] = PaymentView(
                id=uuid7(),
                state="created",
                version=1,
                reference="r",
                amount=Money(1500),
                refunded=Money(0),
                next_url="http://payment.test/kreis-heinsberg/checkout/token",
                treasury_reference="4711",
                expires_at=NOW,
            )
        return self.payments[key]

    def by_id(self, id_: UUID) -> PaymentView:
        return next(payment for payment in self.payments.values() if payment.id == id_)

    def move(self, state: str, version: int) -> UUID:
        key, payment = next(iter(self.payments.items()))
        self.payments[key] = msgspec.structs.replace(payment, state=state, version=version)
        return payment.id


def start(settings: Settings, partners: Partners) -> AsyncTestClient[Litestar]:
    return AsyncTestClient(build(settings, lambda: NOW, httpx.MockTransport(partners)))


async def order(client: AsyncTestClient[Litestar], **changes: str) -> httpx.Response:
    form = {"order": str(uuid7()), "district": "Heinsberg", "field": "12", "plot": "345/6"} | changes
    return await client.post("/liegenschaftskarte", data=form, headers=HTML, follow_redirects=False)


def order_path(partners: Partners) -> str:
    return urlsplit(str(partners.bodies[0]["return_url"])).path
