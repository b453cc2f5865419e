"""Which addresses are the public's. Every other may be a neighbour of ours, and is never called on a caller's word."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[Address]]]
"""The addresses of a name. Raises OSError, UnicodeError."""

_NOT_THE_PUBLICS: Final = (
    IPv4Network("192.0.0.0/24"),  # of protocols; a cloud keeps its metadata there
    IPv4Network("192.88.99.0/24"),  # relays into 6to4, given up
    IPv4Network("168.63.129.16/32"),  # a cloud's own services, at an address that looks public
)
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")


async def resolve_name(host: str, port: int) -> Sequence[Address]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def is_public(address: Address) -> bool:
    """An IPv6 address that carries an IPv4 address is judged by that one: a gateway may lead there."""
    carried = _carried(address) if isinstance(address, IPv6Address) else None
    if carried is not None:
        return is_public(carried)
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast and not any(address in net for net in _NOT_THE_PUBLICS)


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def is_loopback(address: Address) -> bool:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
