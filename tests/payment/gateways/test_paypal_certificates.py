"""What a stranger's webhooks can make us fetch: little, and never at a true webhook's expense."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from demo.sandbox.certificates import load_signer
from demo.sandbox.delivery import paypal_headers
from kit.clock import system_clock
from payment.gateways.gateway import GatewayUnavailable, WebhookInvalid
from payment.gateways.paypal_certificates import FAILURE_AGE_MAX_S, FETCHES, Certificates
from payment.gateways.paypal_webhooks import WebhookTrust, WebhookVerifier

PAYPAL = "https://api.paypal.com"
CERTS = f"{PAYPAL}/v1/notifications/certs"
BODY = b'{"id":"WH-1"}'


class Host:
    """PayPal's, with one certificate; counts what it is asked. `down`: it answers 500 to everything."""

    def __init__(self, folder: Path) -> None:
        self._signer = load_signer(folder, datetime.now(UTC))
        self.asked: list[str] = []
        self.down = False
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        trust = WebhookTrust(read_roots=(folder / "paypal-ca.pem").read_bytes)
        self.verifier = WebhookVerifier(trust, self.http, system_clock)
        self.true_url = f"{CERTS}/{self._signer.name}"

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        await asyncio.sleep(0.01)
        if self.down:
            return httpx.Response(500)
        if str(request.url) != self.true_url:
            return httpx.Response(404)
        return httpx.Response(200, content=self._signer.chain_pem)

    async def verify(self, cert_url: str = "") -> None:
        """A webhook that is right but for `cert_url`."""
        signed = paypal_headers(BODY, "WH-TOWN", system_clock(), self._signer, PAYPAL)
        headers = {name.lower(): value for name, value in signed.items()}
        await self.verifier.verify("WH-TOWN", headers | ({"paypal-cert-url": cert_url} if cert_url else {}), BODY)


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Host]:
    host = Host(tmp_path)
    yield host
    await host.http.aclose()


@pytest.mark.parametrize(
    "cert_url",
    [
        f"{PAYPAL}/",
        f"{PAYPAL}/v2/checkout/orders/1",
        f"{CERTS}",
        f"{CERTS}/",
        f"{CERTS}/../webhooks",
        f"{CERTS}/%2e%2e/webhooks",
        f"{CERTS}/CERT-1/more",
        f"{CERTS}/CERT-1?",
        f"{CERTS}/CERT-1?x=1",
        f"{CERTS}/CERT-1#",
        f"{CERTS}/CERT-1#x",
        f"{CERTS}/CERT-1%0a",
        f"{CERTS}/{'C' * 101}",
    ],
)
async def test_another_address_is_never_asked(host: Host, cert_url: str) -> None:
    with pytest.raises(WebhookInvalid):
        await host.verify(cert_url)
    assert host.asked == []


async def test_other_spellings_of_an_address_are_one(host: Host) -> None:
    for spelling in (
        host.true_url,
        host.true_url.replace("https://api", "HTTPS://API"),
        f"{CERTS}/./{host.true_url.rsplit('/')[-1]}",
    ):
        await host.verify(spelling)
    assert host.asked == [host.true_url]


@pytest.mark.parametrize(("down", "error"), [(False, WebhookInvalid), (True, GatewayUnavailable)])
async def test_a_failing_address_is_asked_once_a_minute(host: Host, down: bool, error: type[Exception]) -> None:
    host.down = down
    now = 1000.0
    certificates = Certificates(host.http, lambda: now)
    for passed_s in (0, FAILURE_AGE_MAX_S - 1):
        now = 1000.0 + passed_s
        with pytest.raises(error):
            await certificates.find(f"{CERTS}/CERT-1")
    assert len(host.asked) == 1
    now = 1000.0 + FAILURE_AGE_MAX_S
    with pytest.raises(error):
        await certificates.find(f"{CERTS}/CERT-1")
    assert len(host.asked) == 2


async def test_a_hundred_bad_webhooks_about_one_address_are_one_request(host: Host) -> None:
    for _ in range(100):
        with pytest.raises(WebhookInvalid):
            await host.verify(f"{CERTS}/CERT-1")
    assert len(host.asked) == 1


async def test_a_flood_of_addresses_is_capped_and_harms_no_known_one(host: Host) -> None:
    await host.verify()
    refusals = []
    for number in range(100):
        with pytest.raises((WebhookInvalid, GatewayUnavailable)) as refused:
            await host.verify(f"{CERTS}/CERT-{number}")
        refusals.append(refused.type)
    assert len(host.asked) <= FETCHES.burst + 1
    assert refusals[-1] is GatewayUnavailable  # answered 503: PayPal sends again what was genuine
    await host.verify()
    assert host.asked.count(host.true_url) == 1


async def test_a_certificate_is_found_again_after_a_flood(host: Host) -> None:
    now = 1000.0
    certificates = Certificates(host.http, lambda: now)
    for number in range(FETCHES.burst):
        with pytest.raises(WebhookInvalid):
            await certificates.find(f"{CERTS}/CERT-{number}")
    with pytest.raises(GatewayUnavailable):
        await certificates.find(host.true_url)
    now += 60 / FETCHES.per_minute
    assert await certificates.find(host.true_url)


async def test_webhooks_that_come_together_share_a_request(host: Host) -> None:
    """More of them than the cap: none is sent away."""
    await asyncio.gather(*(host.verify() for _ in range(3 * FETCHES.burst)))
    assert host.asked == [host.true_url]


async def test_who_hangs_up_leaves_the_request_to_the_others(host: Host) -> None:
    first, second = asyncio.create_task(host.verify()), asyncio.create_task(host.verify())
    await asyncio.sleep(0.005)
    first.cancel()
    await second
    assert first.cancelled()
    assert host.asked == [host.true_url]
