"""PayPal's REST API by httpx and msgspec: the access token, idempotency keys, and which failure means what.

Keys (`PayPal-Request-Id`) hold 6 hours for orders, 45 days for captures and refunds.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from kit.clock import Clock
from payment.gateways.gateway import GatewayRefused, GatewayUnavailable

TOKEN_MARGIN = timedelta(minutes=1)  # a token is not used in the last minute of its life
T = TypeVar("T")


class PayPalAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Without a `webhook_id` the webhook endpoint is off."""

    client_id: str
    client_secret: str
    webhook_id: str = ""


class PayPalRefused(GatewayRefused):
    """`code` is PayPal's `issue` where it names one, else the error's `name`."""

    def __init__(self, status: int, code: str, debug_id: str) -> None:
        super().__init__(code, debug_id)
        self.status = status


class _Token(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int


class _Issue(msgspec.Struct, frozen=True):
    issue: str = ""


class _Problem(msgspec.Struct, frozen=True):
    name: str = ""
    details: tuple[_Issue, ...] = ()
    debug_id: str = ""


class PayPalClient:
    """One account's. Every call may raise GatewayUnavailable or PayPalRefused."""

    def __init__(self, account: PayPalAccount, base_url: str, http: httpx.AsyncClient, clock: Clock) -> None:
        self._account = account
        self._base_url = base_url.rstrip("/")
        self._http = http
        self._clock = clock
        self._token = ""
        self._token_until: datetime | None = None
        self._token_lock = asyncio.Lock()

    async def get(self, path: str, type_: type[T], query: Mapping[str, str] | None = None) -> T:
        asked = f"{path}?{urlencode(query)}" if query else path
        return _decode(await self._authorised("GET", asked), type_)

    async def post(self, path: str, body: object, key: str, type_: type[T]) -> T:
        return _decode(await self._authorised("POST", path, msgspec.json.encode(body), key), type_)

    async def command(self, path: str) -> None:
        """A POST that has neither body, key nor content in its answer."""
        await self._authorised("POST", path)

    async def _authorised(self, method: str, path: str, content: bytes = b"", key: str = "") -> httpx.Response:
        token = await self._find_token()
        response = await self._send(method, path, content, _headers(token, key))
        if response.status_code == 401:  # PayPal may revoke a token before its time
            await self._drop_token(token)
            response = await self._send(method, path, content, _headers(await self._find_token(), key))
        return _checked(response)

    async def _send(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        try:
            return await self._http.request(method, self._base_url + path, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise GatewayUnavailable("no_answer", type(error).__name__) from None

    async def _find_token(self) -> str:
        async with self._token_lock:
            if self._token_until is None or self._token_until <= self._clock():
                token = await self._request_token()
                self._token = token.access_token
                self._token_until = self._clock() + timedelta(seconds=token.expires_in) - TOKEN_MARGIN
            return self._token

    async def _drop_token(self, token: str) -> None:
        async with self._token_lock:
            if self._token == token:
                self._token_until = None

    async def _request_token(self) -> _Token:
        try:
            response = await self._http.post(
                f"{self._base_url}/v1/oauth2/token",
                data={"grant_type": "client_credentials"},
                auth=(self._account.client_id, self._account.client_secret),
            )
        except httpx.HTTPError as error:
            raise GatewayUnavailable("no_answer", type(error).__name__) from None
        return _decode(_checked(response), _Token)


def _headers(token: str, key: str) -> dict[str, str]:
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Prefer": "return=representation",
    }
    return headers | ({"PayPal-Request-Id": key} if key else {})


def _checked(response: httpx.Response) -> httpx.Response:
    """A refused account is the operator's to mend, and then the same call succeeds: it is no refusal of the payment."""
    status = response.status_code
    if status < 300:
        return response
    problem = _problem(response)
    code = problem.details[0].issue if problem.details and problem.details[0].issue else problem.name
    if status in (401, 403):
        raise GatewayUnavailable("credentials_refused", code)
    if status in (408, 409, 429) or status >= 500:
        raise GatewayUnavailable(f"http_{status}", code)
    raise PayPalRefused(status, code or f"http_{status}", problem.debug_id)


def _problem(response: httpx.Response) -> _Problem:
    try:
        return msgspec.json.decode(response.content, type=_Problem)
    except msgspec.MsgspecError:
        return _Problem()


def _decode(response: httpx.Response, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(response.content, type=type_)
    except msgspec.MsgspecError as error:
        raise GatewayUnavailable("unreadable_answer", str(error)) from None
