"""Which client asks: the address it comes from, as far as one household or house shares it."""

from ipaddress import IPv6Address

from kit.requests import AnyConnection


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


def _network(address: str) -> str:
    try:
        parsed = IPv6Address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return address[:64]
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> 64 << 64))
