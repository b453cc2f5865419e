"""Which client asks: the address it comes from, as far as one household or house shares it, or the portal it is."""

import hashlib
import hmac
from ipaddress import IPv6Address
from typing import Any

from litestar.connection import ASGIConnection

from booking.web.wiring import wired

AnyConnection = ASGIConnection[Any, Any, Any, Any]
PORTAL_HEADER = "schalter-portal-key"
_KEY_BYTES = 16


def client_of(connection: AnyConnection, proxies: int) -> str:
    """An IPv4 address, or the /64 that an IPv6 network has. For counting in memory; it is never written down.

    `proxies` of our own stand before us, and each adds to `X-Forwarded-For` who called it. What stands further left was
    sent by the caller, who may write there what they like.
    """
    address = connection.client.host if connection.client else ""
    if proxies:
        hops = [hop.strip() for line in connection.headers.getall("x-forwarded-for", []) for hop in line.split(",")]
        address = hops[-proxies] if len(hops) >= proxies else address
    return _network(address) if ":" in address else address


def client_key(connection: AnyConnection) -> bytes | None:
    """The client as a keyed hash, for the database. None: a portal, which books for many."""
    wiring = wired(connection)
    if portal_of(connection) is not None:
        return None
    client = client_of(connection, wiring.settings.trusted_proxies)
    return hmac.digest(wiring.settings.link_key.encode(), b"client\0" + client.encode(), "sha256")[:_KEY_BYTES]


def portal_of(connection: AnyConnection) -> str | None:
    """The portal that shows a key we know. It answers for its own citizens: no challenge, no cap on its address."""
    given = connection.headers.get(PORTAL_HEADER)
    if given is None:
        return None
    digest = hashlib.sha256(given.encode()).digest()
    return wired(connection).portals.get(digest)


def _network(address: str) -> str:
    try:
        parsed = IPv6Address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return address[:64]
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> 64 << 64))
