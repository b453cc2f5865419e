"""Webhooks to addresses that a caller chose: signed, repeated with growing patience, never into our own network.

The name is resolved once, every address it has is checked, and the connection goes to the checked address, so that a
name cannot point elsewhere a moment later (DNS rebinding). Redirects are not followed: they could lead anywhere.
"""

import asyncio
import hashlib
import hmac
from datetime import datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from uuid import UUID

import httpx

from kit.outside import AddressRefused, aimed, find_address
from kit.public_address import Address, Resolve, resolve_name
from kit.trust import public_authorities

TIMEOUT_S = 10
RETRY_DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=2),
)
SIGNATURE_HEADER = "Schalter-Signature"
DELIVERY_HEADER = "Schalter-Delivery"
"""Names the delivery, for whoever wants it replayed."""


class PostFailed(Exception):
    """The message is a word for the record: a status code or the name of the fault."""


def open_client() -> httpx.AsyncClient:
    """Keeps no cookie of any receiver, and goes through no proxy: the checked address is the one that is called."""
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(
        trust_env=False, cookies=no_cookies, headers={"User-Agent": "Schalter"}, verify=public_authorities()
    )


def secret_of(key: str, endpoint_id: UUID, version: int = 1) -> str:
    """Derived from the endpoint's id, so that nothing secret is stored and the same answer can be given again."""
    later = version.to_bytes(4) if version > 1 else b""
    mac = hmac.new(key.encode(), b"webhook\0" + endpoint_id.bytes + later, hashlib.sha256)
    return f"whsec_{mac.hexdigest()}"


def sign(secret: str, body: bytes, now: datetime, *older: str) -> str:
    """`t=<unix>,v1=<hex hmac-sha256 of "t.body">`; a further `v1=` for each older secret that is still in use."""
    timestamp = int(now.timestamp())
    signed = f"{timestamp}.".encode() + body
    macs = [hmac.new(each.encode(), signed, hashlib.sha256).hexdigest() for each in (secret, *older)]
    return ",".join([f"t={timestamp}", *(f"v1={mac}" for mac in macs)])


def next_try(tries: int, now: datetime) -> datetime | None:
    """After so many failed tries; None: given up, until somebody replays it."""
    return now + RETRY_DELAYS[tries - 1] if tries <= len(RETRY_DELAYS) else None


async def post(
    http: httpx.AsyncClient,
    url: str,
    body: bytes,
    headers: dict[str, str],
    *,
    allow_loopback: bool,
    resolve: Resolve = resolve_name,
    timeout_s: float = TIMEOUT_S,
) -> str:
    """Return the status code. Raises PostFailed unless it is 2xx, and in time from the name to the status."""
    try:
        async with asyncio.timeout(timeout_s):
            address = await find_address(url, allow_loopback=allow_loopback, resolve=resolve)
            return await _send(http, url, address, body, headers)
    except AddressRefused as error:
        raise PostFailed(str(error)) from None
    except httpx.InvalidURL:
        raise PostFailed("no_address") from None
    except TimeoutError:
        raise PostFailed("too_slow") from None


async def _send(http: httpx.AsyncClient, url: str, address: Address, body: bytes, headers: dict[str, str]) -> str:
    target, named, extensions = aimed(url, address)
    named |= {"Content-Type": "application/json", **headers}
    request = http.build_request("POST", target, content=body, headers=named, extensions=extensions, timeout=TIMEOUT_S)
    try:
        response = await http.send(request, stream=True, follow_redirects=False)
        await response.aclose()  # whatever it says beyond its status is not read
    except httpx.HTTPError as error:
        raise PostFailed(type(error).__name__) from None
    if not response.is_success:
        raise PostFailed(str(response.status_code))
    return str(response.status_code)
