"""Webhooks to addresses that a caller chose: signed, repeated with growing patience, never into our own network.

The name is resolved once, every address it has is checked, and the connection goes to the checked address, so that a
name cannot point elsewhere a moment later (DNS rebinding). Redirects are not followed: they could lead anywhere.
"""

import asyncio
import hashlib
import hmac
import socket
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit
from uuid import UUID

import httpx

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


def secret_of(key: str, endpoint_id: UUID) -> str:
    """Derived from the endpoint's id, so that nothing secret is stored and the same answer can be given again."""
    mac = hmac.new(key.encode(), b"webhook\0" + endpoint_id.bytes, hashlib.sha256)
    return f"whsec_{mac.hexdigest()}"


def sign(secret: str, body: bytes, now: datetime) -> str:
    """`t=<unix>,v1=<hex hmac-sha256 of "t.body">`."""
    timestamp = int(now.timestamp())
    mac = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"t={timestamp},v1={mac.hexdigest()}"


def next_try(tries: int, now: datetime) -> datetime | None:
    """After so many failed tries; None: given up, until somebody replays it."""
    return now + RETRY_DELAYS[tries - 1] if tries <= len(RETRY_DELAYS) else None


async def post(http: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str], *, allow_loopback: bool) -> str:
    """Return the status code. Raises PostFailed unless it is 2xx."""
    address = await _find_address(url, allow_loopback=allow_loopback)
    parts = httpx.URL(url)
    target = parts.copy_with(host=str(address))
    named = {"Host": parts.netloc.decode(), "Content-Type": "application/json", **headers}
    extensions = {"sni_hostname": parts.host}
    request = http.build_request("POST", target, content=body, headers=named, extensions=extensions, timeout=TIMEOUT_S)
    try:
        response = await http.send(request, stream=True, follow_redirects=False)
        await response.aclose()  # whatever it says beyond its status is not read
    except httpx.HTTPError as error:
        raise PostFailed(type(error).__name__) from None
    if not response.is_success:
        raise PostFailed(str(response.status_code))
    return str(response.status_code)


async def _find_address(url: str, *, allow_loopback: bool) -> IPv4Address | IPv6Address:
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError, UnicodeError):
        raise PostFailed("name_not_found") from None
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses or not all(_is_public(address, allow_loopback=allow_loopback) for address in addresses):
        raise PostFailed("private_address")
    return addresses[0]


def _is_public(address: IPv4Address | IPv6Address, *, allow_loopback: bool) -> bool:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    address = mapped or address
    return (allow_loopback and address.is_loopback) or (address.is_global and not address.is_multicast)
