"""The portal's two partners, by their public interfaces."""

from typing import TypeVar
from uuid import UUID

import httpx
import msgspec

from contracts.payment import NewPayment, PaymentView
from kit.trust import public_authorities

T = TypeVar("T")

TIMEOUT_S = 10
EVENTS = ["payment.paid", "payment.cancelled", "payment.expired", "payment.refunded", "payment.review"]


class Unavailable(Exception):
    """The partner did not answer, or not as agreed. The cause is for the log."""


class Tenant(msgspec.Struct, frozen=True):
    slug: str
    name: str
    kind: str


class _Tenants(msgspec.Struct):
    items: list[Tenant]


class Endpoint(msgspec.Struct, frozen=True):
    id: str
    secret: str


class Partner:
    """One of them: its answers are decoded, its faults are Unavailable."""

    def __init__(
        self, base_url: str, key: str | None = None, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.AsyncClient(
            base_url=base_url, headers=headers, timeout=TIMEOUT_S, transport=transport, verify=public_authorities()
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def _call(
        self, method: str, path: str, type_: type[T], body: object = None, headers: dict[str, str] | None = None
    ) -> T:
        content = None if body is None else msgspec.json.encode(body)
        try:
            answer = await self._http.request(
                method, path, content=content, headers={"Content-Type": "application/json", **(headers or {})}
            )
            answer.raise_for_status()
            return msgspec.json.decode(answer.content, type=type_)
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            raise Unavailable(f"{method} {path}: {error!r}") from error


class Booking(Partner):
    async def list_tenants(self) -> list[Tenant]:
        return (await self._call("GET", "/v1/tenants", _Tenants)).items


class Payments(Partner):
    async def create(self, key: UUID, payment: NewPayment) -> PaymentView:
        """The same key again gives the same payment."""
        return await self._call("POST", "/v1/payments", PaymentView, payment, {"Idempotency-Key": str(key)})

    async def get(self, payment_id: UUID) -> PaymentView:
        return await self._call("GET", f"/v1/payments/{payment_id}", PaymentView)

    async def register_webhook(self, url: str) -> Endpoint:
        return await self._call("POST", "/v1/webhook-endpoints", Endpoint, {"url": url, "events": EVENTS})
