"""Who a client certificate belongs to, as a reverse proxy that verified it hands it on.

Off unless both `CLIENT_CERT_HEADER` and `CLIENT_CERT_SECRET` are set: a certificate is public, so the header alone
proves nothing. The proxy proves itself by the secret, and drops both headers from what comes in.
"""

import base64
import binascii
import hashlib
import hmac
from urllib.parse import unquote

from kit.requests import AnyConnection
from payment.domain.errors import Unauthorised
from payment.settings import Settings

SECRET_HEADER = "schalter-proxy-secret"  # noqa: S105 - the header's name
_ARMOUR = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----")


def find_fingerprint(connection: AnyConnection, settings: Settings) -> str | None:
    """SHA-256 of the certificate that the proxy verified; None without one. Raises Unauthorised."""
    if not settings.client_cert_header:
        return None
    value = connection.headers.get(settings.client_cert_header, "")
    if not value:
        return None
    given = connection.headers.get(SECRET_HEADER, "")
    if not hmac.compare_digest(given.encode(), settings.client_cert_secret.encode()):
        raise Unauthorised("A client certificate is believed only from the house's own proxy.")
    return fingerprint_of(value)


def fingerprint_of(value: str) -> str:
    """Of `:base64:` (RFC 9440), of bare base64 (Traefik), or of PEM with percent signs (nginx). Raises Unauthorised."""
    text = unquote(value)
    for line in _ARMOUR:
        text = text.replace(line, "")
    try:
        der = base64.b64decode("".join(text.split()).strip(":"), validate=True)
    except (binascii.Error, ValueError):
        raise Unauthorised("The client certificate cannot be read.") from None
    return hashlib.sha256(der).hexdigest()
