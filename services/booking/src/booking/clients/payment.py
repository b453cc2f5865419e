"""Booking's words to payment, over HTTP with the tenant's API key.

PaymentAway (domain/errors.py) means that nobody knows yet: try again under the same key. PaymentRefused is an answer.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import msgspec

from booking.domain.errors import PaymentAway
from contracts.payment import NewPayment, NewRefund, PaymentView
from kit.trust import public_authorities

TIMEOUT = httpx.Timeout(30, connect=2)
"""Payment may have to ask its provider first."""
CREATION_TIMEOUT = httpx.Timeout(4, connect=2)
"""A citizen waits for it, and payment asks nobody."""
_NOT_FINAL = frozenset({401, 403, 408, 425, 429})
"""A wrong key is ours to mend, a limit passes: neither says anything about the payment."""


class PaymentRefused(Exception):
    """Payment understood, and said no for good."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class _Problem(msgspec.Struct, frozen=True):
    code: str = "unknown"


class PaymentClient:
    def __init__(self, http: httpx.AsyncClient, api_keys: Mapping[str, str]) -> None:
        self._http = http
        self._api_keys = api_keys

    async def create(self, tenant: str, payment: NewPayment, key: str) -> PaymentView:
        return await self._call(tenant, "POST", "/v1/payments", msgspec.json.encode(payment), key, CREATION_TIMEOUT)

    async def read(self, tenant: str, payment_id: UUID) -> PaymentView:
        return await self._call(tenant, "GET", f"/v1/payments/{payment_id}")

    async def capture(self, tenant: str, payment_id: UUID, key: str) -> PaymentView:
        return await self._call(tenant, "POST", f"/v1/payments/{payment_id}/capture", b"", key)

    async def cancel(self, tenant: str, payment_id: UUID, key: str) -> PaymentView:
        return await self._call(tenant, "POST", f"/v1/payments/{payment_id}/cancellation", b"", key)

    async def refund(self, tenant: str, payment_id: UUID, refund: NewRefund, key: str) -> PaymentView:
        return await self._call(tenant, "POST", f"/v1/payments/{payment_id}/refunds", msgspec.json.encode(refund), key)

    async def _call(
        self,
        tenant: str,
        method: str,
        path: str,
        body: bytes = b"",
        key: str | None = None,
        patience: httpx.Timeout | None = None,
    ) -> PaymentView:
        """Raises PaymentAway, PaymentRefused."""
        api_key = self._api_keys.get(tenant)
        if api_key is None:
            raise PaymentAway("This municipality takes no online payments at the moment.")
        headers = {"Authorization": f"Bearer {api_key}"}
        if body:
            headers["Content-Type"] = "application/json"
        if key:
            headers["Idempotency-Key"] = key
        try:
            answer = await self._http.request(
                method, path, content=body, headers=headers, timeout=patience or self._http.timeout
            )
        except httpx.HTTPError as error:
            raise PaymentAway from error
        return _read(answer)


def in_language(page: str, language: str) -> str:
    """One of payment's pages, in the language in which the citizen reads, whatever the payment was begun in."""
    return f"{page}?lang={language}"


def _read(answer: httpx.Response) -> PaymentView:
    if answer.is_success:
        try:
            return msgspec.json.decode(answer.content, type=PaymentView)
        except msgspec.MsgspecError as error:
            raise PaymentAway from error
    if answer.status_code >= 500 or answer.status_code in _NOT_FINAL or not answer.is_client_error:
        raise PaymentAway
    raise PaymentRefused(answer.status_code, _code(answer.content))


def _code(content: bytes) -> str:
    try:
        return msgspec.json.decode(content, type=_Problem).code
    except msgspec.MsgspecError:
        return "unknown"


@asynccontextmanager
async def open_payment(url: str, api_keys: Mapping[str, str]) -> AsyncIterator[PaymentClient]:
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=10)
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT, limits=limits, verify=public_authorities()) as http:
        yield PaymentClient(http, api_keys)
