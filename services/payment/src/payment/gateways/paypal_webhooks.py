"""PayPal's webhooks, verified without asking PayPal: RSA-SHA256 under a certificate whose chain leads to a known root.

Source: developer.paypal.com/api/rest/webhooks/rest, "Verify manually": the signed text is
`transmission id|transmission time|webhook id|CRC32 of the raw body in decimal`.
"""

import ipaddress
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
from payment.gateways.gateway import GatewayUnavailable, WebhookInvalid

AGE_MAX = timedelta(days=4)  # PayPal repeats a webhook for three days; who replays one gains nothing: its id is known
AHEAD_MAX = timedelta(minutes=5)
CERTIFICATE_BYTES_MAX = 65_536
CERTIFICATES_MAX = 16


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
    """Shared by all tenants: certificates are PayPal's, the webhook id is the tenant's."""

    def __init__(self, trust: WebhookTrust, http: httpx.AsyncClient, clock: Clock) -> None:
        self._trust = trust
        self._http = http
        self._clock = clock
        self._chains: dict[str, list[x509.Certificate]] = {}
        self._roots: Store | None = None

    async def verify(self, webhook_id: str, headers: Mapping[str, str], raw_body: bytes) -> None:
        """Raises WebhookInvalid, or GatewayUnavailable when the certificate cannot be fetched."""
        if not webhook_id:
            raise WebhookInvalid("this account has no webhook id: the endpoint is off")
        transmission = _transmission(headers)
        now = self._clock()
        _require_recent(transmission.time, now)
        chain = await self._find_chain(transmission.cert_url)
        self._require_trusted(chain, now)
        signed = f"{transmission.id}|{transmission.time}|{webhook_id}|{zlib.crc32(raw_body)}".encode()
        _require_signed(chain[0], transmission.signature, signed)

    async def _find_chain(self, cert_url: str) -> list[x509.Certificate]:
        url = _allowed_url(cert_url, self._trust)
        if cert_url not in self._chains:
            chain = _parse_chain(await self._fetch(url))
            if len(self._chains) >= CERTIFICATES_MAX:
                self._chains.clear()
            self._chains[cert_url] = chain
        return self._chains[cert_url]

    async def _fetch(self, url: httpx.URL) -> bytes:
        try:
            response = await self._http.get(url, follow_redirects=False)
        except httpx.HTTPError as error:
            raise GatewayUnavailable("no_certificate", type(error).__name__) from None
        if response.status_code >= 500:
            raise GatewayUnavailable("no_certificate", f"http_{response.status_code}")
        if response.status_code != 200 or len(response.content) > CERTIFICATE_BYTES_MAX:
            raise WebhookInvalid("no certificate at cert_url")
        return response.content

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


def _allowed_url(cert_url: str, trust: WebhookTrust) -> httpx.URL:
    """The same parser that fetches also checks, so that no trick in the text can part the two."""
    try:
        url = httpx.URL(cert_url)
    except httpx.InvalidURL:
        raise WebhookInvalid("cert_url is no address") from None
    host = url.netloc.decode()
    plain = trust.plain_http and url.scheme == "http" and _is_loopback(url.host)
    if url.userinfo or host not in trust.cert_hosts or not (url.scheme == "https" or plain):
        raise WebhookInvalid("cert_url is not on the list of PayPal's hosts")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parse_chain(pem: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise WebhookInvalid("cert_url holds no certificate") from None


def _require_signed(certificate: x509.Certificate, signature: bytes, signed: bytes) -> None:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise WebhookInvalid("the certificate's key is not RSA")
    try:
        key.verify(signature, signed, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        raise WebhookInvalid("signature does not fit") from None
