"""Calls to addresses that somebody gave us: never into our own network.

The name is resolved once, every address it has is checked, and the connection goes to the checked address, so that a
name cannot point elsewhere a moment later (DNS rebinding).
"""

import asyncio
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from kit.public_address import Address, Resolve, is_loopback, is_public, resolve_name

REDIRECTS_MAX = 3


class AddressRefused(Exception):
    """The message is a word for the record."""


class FetchFailed(Exception):
    """The message is a word for the record: a status code or the name of the fault; never the address."""


class Call(NamedTuple):
    url: str
    headers: dict[str, str]
    """With Authorization no redirect is followed to anywhere else: a login is told to nobody but whom it is for."""
    method: str = "GET"
    body: bytes = b""
    expected: int = 200


class Fetched(NamedTuple):
    headers: httpx.Headers
    body: bytes | None
    """None: 304, it is as it was."""


async def find_address(url: str, *, allow_loopback: bool, resolve: Resolve = resolve_name) -> Address:
    """Every address of the name must be the public's: whoever adds a private one wants us to take it.

    Raises AddressRefused.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        addresses = await resolve(parts.hostname or "", port)
    except (OSError, ValueError, UnicodeError):
        raise AddressRefused("name_not_found") from None
    if not addresses:
        raise AddressRefused("name_not_found")
    if not all(is_public(address) or (allow_loopback and is_loopback(address)) for address in addresses):
        raise AddressRefused("private_address")
    return addresses[0]


def aimed(url: str, address: Address) -> tuple[httpx.URL, dict[str, str], dict[str, Any]]:
    """The same call at the checked address: its URL, its headers, and the name that the certificate must bear."""
    parts = httpx.URL(url)
    return parts.copy_with(host=str(address)), {"Host": parts.netloc.decode()}, {"sni_hostname": parts.host}


async def fetch(
    http: httpx.AsyncClient,
    call: Call,
    *,
    bytes_max: int,
    timeout_s: float,
    allow_loopback: bool,
    resolve: Resolve = resolve_name,
) -> Fetched:
    """By https, along a few redirects of which each is checked as the first. Raises FetchFailed.

    `allow_loopback`: also plain http, to this very machine.
    """
    try:
        async with asyncio.timeout(timeout_s):
            for _ in range(REDIRECTS_MAX + 1):
                found = await _ask(http, call, bytes_max, allow_loopback, resolve)
                if isinstance(found, Fetched):
                    return found
                call = _follow(call, found)
    except TimeoutError:
        raise FetchFailed("too_slow") from None
    except AddressRefused as error:
        raise FetchFailed(str(error)) from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise FetchFailed(type(error).__name__) from None
    raise FetchFailed("too_many_redirects")


async def _ask(
    http: httpx.AsyncClient, call: Call, bytes_max: int, allow_loopback: bool, resolve: Resolve
) -> Fetched | httpx.URL:
    """The answer, or the address to which it leads."""
    if not call.url.startswith("https://") and not (allow_loopback and call.url.startswith("http://")):
        raise AddressRefused("not_https")
    address = await find_address(call.url, allow_loopback=allow_loopback, resolve=resolve)
    target, named, extensions = aimed(call.url, address)
    request = http.build_request(
        call.method, target, headers=named | call.headers, content=call.body, extensions=extensions
    )
    response = await http.send(request, stream=True, follow_redirects=False)
    try:
        if response.is_redirect and "location" in response.headers:
            return httpx.URL(call.url).join(response.headers["location"])
        if response.status_code == 304:
            return Fetched(response.headers, None)
        if response.status_code != call.expected:
            raise FetchFailed(str(response.status_code))
        return Fetched(response.headers, await _read(response, bytes_max))
    finally:
        await response.aclose()


def _follow(call: Call, url: httpx.URL) -> Call:
    """Raises AddressRefused."""
    before = httpx.URL(call.url)
    is_elsewhere = (url.scheme, url.host, url.port) != (before.scheme, before.host, before.port)
    if is_elsewhere and "Authorization" in call.headers:
        raise AddressRefused("leads_elsewhere")
    return call._replace(url=str(url))


async def _read(response: httpx.Response, bytes_max: int) -> bytes:
    """As it comes, unpacked: what grows beyond the limit is not read to its end."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > bytes_max:
            raise FetchFailed("too_large")
    return bytes(body)
