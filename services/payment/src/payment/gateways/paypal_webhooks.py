"""PayPal's webhooks, verified without asking PayPal: RSA-SHA256 under a certificate whose chain leads to a known root.

Source: developer.paypal.com/api/rest/webhooks/rest, "Verify manually": the signed text is
`transmission id|transmission time|webhook id|CRC32 of the raw body in decimal`.
"""

import ipaddress
import re
import zlib
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from kit.clock import Clock
from payment.gateways.gateway import WebhookInvalid
from payment.gateways.paypal_certificates import Certificates

AGE_MAX = timedelta(days=4)  # PayPal repeats a webhook for three days; who replays one gains nothing: its id is known
AHEAD_MAX = timedelta(minutes=5)
CERTIFICATE_PATH = re.compile(rb"/v1/notifications/certs/[A-Za-z0-9_-]{1,100}")  # as in …/certs/CERT-360caa42-fca2a594


class WebhookTrust(msgspec.Struct, frozen=True, kw_only=True):
    """Where PayPal's certificates may come from, whom they must name, and which roots vouch for them.

    `read_roots` gives PEM and is called when the first webhook comes. `plain_http` opens `cert_url` to http on loopback
    addresses, for the demo alone.
    """

    cert_hosts: tuple[str, ...] = ("api.paypal.com", "api-m.paypal.com")
    cert_subject: str = "messageverificationcerts.paypal.com"
    read_roots: Callable[[], bytes]
    plain_http: bool = False


class _Transmission(msgspec.Struct, frozen=True):
    id: str
    time: str
    signature: bytes
    cert_url: str


class WebhookVerifier:
    """Shared by all tenants: certificates are PayPal's, the webhook id is the tenant's.

    `http` is for certificates alone: what strangers make us fetch shall not keep a payment waiting.
    """

    def __init__(self, trust: WebhookTrust, http: httpx.AsyncClient, clock: Clock) -> None:
        self._trust = trust
        self._certificates = Certificates(http)
        self._clock = clock
        self._roots: Store | None = None

    async def verify(self, webhook_id: str, headers: Mapping[str, str], raw_body: bytes) -> None:
        """Raises WebhookInvalid, or GatewayUnavailable when the certificate cannot be fetched."""
        if not webhook_id:
            raise WebhookInvalid("this account has no webhook id: the endpoint is off")
        transmission = _transmission(headers)
        now = self._clock()
        _require_recent(transmission.time, now)
        chain = await self._certificates.find(_allowed_url(transmission.cert_url, self._trust))
        self._require_trusted(chain, now)
        signed = f"{transmission.id}|{transmission.time}|{webhook_id}|{zlib.crc32(raw_body)}".encode()
        _require_signed(chain[0], transmission.signature, signed)

    def _require_trusted(self, chain: list[x509.Certificate], now: datetime) -> None:
        """Chain, validity dates, key usage and the name of the signer (RFC 5280, as for a TLS server)."""
        if self._roots is None:
            self._roots = Store(x509.load_pem_x509_certificates(self._trust.read_roots()))
        policy = PolicyBuilder().store(self._roots).time(now.astimezone(UTC).replace(tzinfo=None))
        try:
            policy.build_server_verifier(x509.DNSName(self._trust.cert_subject)).verify(chain[0], chain[1:])
        except VerificationError as error:
            raise WebhookInvalid(f"certificate not trusted: {error}") from None


def _transmission(headers: Mapping[str, str]) -> _Transmission:
    if headers.get("paypal-auth-algo") != "SHA256withRSA":
        raise WebhookInvalid("signature algorithm is not SHA256withRSA")
    try:
        return _Transmission(
            id=headers["paypal-transmission-id"],
            time=headers["paypal-transmission-time"],
            signature=b64decode(headers["paypal-transmission-sig"], validate=True),
            cert_url=headers["paypal-cert-url"],
        )
    except (KeyError, ValueError) as error:
        raise WebhookInvalid(f"signature headers: {error}") from None


def _require_recent(time: str, now: datetime) -> None:
    try:
        sent_at = datetime.fromisoformat(time)
    except ValueError:
        raise WebhookInvalid("transmission time is no instant") from None
    if sent_at.tzinfo is None or not now - AGE_MAX <= sent_at <= now + AHEAD_MAX:
        raise WebhookInvalid("transmission time is stale or ahead")


def _allowed_url(cert_url: str, trust: WebhookTrust) -> str:
    """The parser that fetches also checks, and what it understood is asked for: no trick in the text parts the two."""
    try:
        url = httpx.URL(cert_url)
    except httpx.InvalidURL:
        raise WebhookInvalid("cert_url is no address") from None
    host = url.netloc.decode()
    plain = trust.plain_http and url.scheme == "http" and _is_loopback(url.host)
    if url.userinfo or host not in trust.cert_hosts or not (url.scheme == "https" or plain):
        raise WebhookInvalid("cert_url is not on the list of PayPal's hosts")
    if "#" in cert_url or not CERTIFICATE_PATH.fullmatch(url.raw_path):  # which has the query, too
        raise WebhookInvalid("cert_url is not where PayPal has its certificates")
    return str(url)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _require_signed(certificate: x509.Certificate, signature: bytes, signed: bytes) -> None:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise WebhookInvalid("the certificate's key is not RSA")
    try:
        key.verify(signature, signed, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        raise WebhookInvalid("signature does not fit") from None
