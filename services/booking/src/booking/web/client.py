"""Which client asks, as the database counts it, or the portal it is. (As the memory counts: `kit.web.client`.)"""

import hashlib
import hmac

from booking.web.wiring import wired
from kit.requests import AnyConnection
from kit.web.client import client_of

PORTAL_HEADER = "schalter-portal-key"
_KEY_BYTES = 16


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
