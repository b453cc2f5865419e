"""Webhooks as the sandbox sends them, believed only if the provider signed exactly these bytes just now."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import msgspec
import pytest
from tests.payment.gateways.conftest import TENANT, Citizen, Maker, Order, order, pay
from tests.payment.gateways.receiving import received
from tests.support.sandbox import Receiver, Sandbox, Webhook
from tests.support.waiting import eventually

from contracts.money import Money
from demo.sandbox.certificates import load_signer
from demo.sandbox.delivery import paypal_headers, stripe_headers
from kit.clock import system_clock
from payment.gateways.gateway import Gateway, GatewayUnavailable, WebhookInvalid

FIRST = {"stripe": "checkout.session.completed", "paypal": "CHECKOUT.ORDER.APPROVED"}
REFUND = {"stripe": "refund.created", "paypal": "PAYMENT.CAPTURE.REFUNDED"}


async def paid_webhook(
    gateway: Gateway, citizen: Citizen, receiver: Receiver, provider: str, capture: str = "manual"
) -> tuple[Order, Webhook]:
    wanted = order(capture)
    await pay(gateway, citizen, wanted)
    return wanted, await received(receiver, wanted.attempt_id, FIRST[provider])


@pytest.fixture
async def paypal_webhook(citizen: Citizen, receiver: Receiver, maker: Maker) -> Webhook:
    return (await paid_webhook(maker.paypal(), citizen, receiver, "paypal"))[1]


async def test_a_webhook_names_what_to_read_again(
    gateway: Gateway, citizen: Citizen, receiver: Receiver, provider: str
) -> None:
    wanted, webhook = await paid_webhook(gateway, citizen, receiver, provider)
    assert webhook.path == f"/webhooks/{TENANT}/{provider}"
    event = await gateway.verify_webhook(webhook.headers, webhook.body)
    assert (event.id, event.type) == (webhook.event["id"], FIRST[provider])
    assert event.attempt_id == wanted.attempt_id
    assert event.session_id
    assert (await gateway.read_session(event.session_id)).reference == wanted.reference


async def test_every_webhook_of_a_life_can_be_verified(
    gateway: Gateway, citizen: Citizen, receiver: Receiver, provider: str
) -> None:
    wanted = order("manual")
    opened = await gateway.open_session(wanted)
    await citizen.press(opened, "decline")
    _, view = await pay(gateway, citizen, wanted)
    captured = await gateway.capture(view.authorization_id or "", wanted.amount, wanted.key_of("capture"))
    refund = await gateway.refund(captured.capture_id or "", Money(100), wanted.key_of("refund"))
    about_refund = await received(receiver, refund.refund_id, REFUND[provider])
    event = await gateway.verify_webhook(about_refund.headers, about_refund.body)
    assert event.refund_id == event.object_id == refund.refund_id
    for webhook in [*receiver.of(wanted.attempt_id), *receiver.of(refund.refund_id)]:
        assert (await gateway.verify_webhook(webhook.headers, webhook.body)).id == webhook.event["id"]


async def test_a_changed_byte_is_noticed(gateway: Gateway, citizen: Citizen, receiver: Receiver, provider: str) -> None:
    _, webhook = await paid_webhook(gateway, citizen, receiver, provider)
    for body in (webhook.body.replace(b'"id"', b'"iD"', 1), webhook.body + b" ", b"", b"\xff"):
        with pytest.raises(WebhookInvalid):
            await gateway.verify_webhook(webhook.headers, body)


async def test_unsigned(gateway: Gateway, citizen: Citizen, receiver: Receiver, provider: str) -> None:
    _, webhook = await paid_webhook(gateway, citizen, receiver, provider)
    signature = {"stripe": "stripe-signature", "paypal": "paypal-transmission-sig"}[provider]
    for headers in ({}, {**webhook.headers, signature: "nonsense"}, {**webhook.headers, signature: ""}):
        with pytest.raises(WebhookInvalid):
            await gateway.verify_webhook(headers, webhook.body)


async def test_another_tenants_webhook(
    gateway: Gateway, citizen: Citizen, receiver: Receiver, provider: str, maker: Maker
) -> None:
    _, webhook = await paid_webhook(gateway, citizen, receiver, provider)
    other = {"webhook_id": "WH-ERKELENZ"} if provider == "paypal" else {"webhook_secrets": ("whsec_erkelenz",)}
    with pytest.raises(WebhookInvalid):
        await maker.make(provider, **other).verify_webhook(webhook.headers, webhook.body)


async def test_no_secret_means_the_endpoint_is_off(
    gateway: Gateway, citizen: Citizen, receiver: Receiver, provider: str, maker: Maker
) -> None:
    _, webhook = await paid_webhook(gateway, citizen, receiver, provider)
    for off in ({"webhook_id": ""},) if provider == "paypal" else ({"webhook_secrets": ()}, {"webhook_secrets": ("",)}):
        with pytest.raises(WebhookInvalid):
            await maker.make(provider, **off).verify_webhook(webhook.headers, webhook.body)


async def test_stripe_secrets_are_rotated_without_a_gap(citizen: Citizen, receiver: Receiver, maker: Maker) -> None:
    _, webhook = await paid_webhook(maker.stripe(), citizen, receiver, "stripe")
    rotating = maker.stripe(webhook_secrets=("whsec_new", f"whsec_{TENANT}"))
    assert await rotating.verify_webhook(webhook.headers, webhook.body)


async def test_stripe_stale_or_of_the_other_mode(citizen: Citizen, receiver: Receiver, maker: Maker) -> None:
    gateway, secrets = maker.stripe(), (f"whsec_{TENANT}",)
    _, webhook = await paid_webhook(gateway, citizen, receiver, "stripe")
    live = webhook.body.replace(b'"livemode":false', b'"livemode":true')
    old = datetime.now(UTC) - timedelta(seconds=310)
    for body, signed_at in ((webhook.body, old), (live, datetime.now(UTC)), (b"[]", datetime.now(UTC))):
        headers = {name.lower(): value for name, value in stripe_headers(body, secrets, signed_at).items()}
        with pytest.raises(WebhookInvalid):
            await gateway.verify_webhook(headers, body)


@pytest.mark.parametrize("shift", [timedelta(days=5), timedelta(minutes=-10), timedelta(days=120)])
async def test_paypal_stale_ahead_or_certificate_over(paypal_webhook: Webhook, maker: Maker, shift: timedelta) -> None:
    shifted = maker.paypal(clock=lambda: system_clock() + shift)
    with pytest.raises(WebhookInvalid):
        await shifted.verify_webhook(paypal_webhook.headers, paypal_webhook.body)


@pytest.mark.parametrize(
    ("cert_url", "plain_http"),
    [
        ("http://evil.example/cert", True),
        ("http://{host}@evil.example/cert", True),
        ("http://user@{host}{path}", True),
        ("http://{host}{path}", False),
        ("http://{host}.evil.example{path}", True),
        ("http://{host}/v1/notifications/certs/other", True),
        ("http://{host}/health/live", True),
        ("no address", True),
        ("", True),
    ],
)
async def test_paypal_certificates_come_from_listed_hosts_alone(
    paypal_webhook: Webhook, maker: Maker, cert_url: str, plain_http: bool
) -> None:
    host, path = paypal_webhook.headers["paypal-cert-url"].removeprefix("http://").split("/", 1)
    headers = {**paypal_webhook.headers, "paypal-cert-url": cert_url.format(host=host, path=f"/{path}")}
    with pytest.raises(WebhookInvalid):
        await maker.paypal(trust={"plain_http": plain_http}).verify_webhook(headers, paypal_webhook.body)


async def test_paypal_weaker_algorithms_are_refused(paypal_webhook: Webhook, maker: Maker) -> None:
    gateway = maker.paypal()
    with pytest.raises(WebhookInvalid):
        await gateway.verify_webhook({**paypal_webhook.headers, "paypal-auth-algo": "SHA1withRSA"}, paypal_webhook.body)


async def test_paypal_unknown_root_or_subject(paypal_webhook: Webhook, maker: Maker, tmp_path: Path) -> None:
    load_signer(tmp_path, datetime.now(UTC))
    for trust in (
        {"read_roots": (tmp_path / "paypal-ca.pem").read_bytes},
        {"cert_subject": "somebody.example"},
    ):
        with pytest.raises(WebhookInvalid):
            await maker.paypal(trust=trust).verify_webhook(paypal_webhook.headers, paypal_webhook.body)


class Elsewhere:
    """A listed host that serves what a test wants as certificate."""

    def __init__(self) -> None:
        self.status, self.content, self.location = 200, b"", ""
        elsewhere = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(elsewhere.status)
                if elsewhere.location:
                    self.send_header("Location", elsewhere.location)
                self.end_headers()
                self.wfile.write(elsewhere.content)

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    elsewhere = Elsewhere()
    thread = Thread(target=elsewhere.server.serve_forever, args=(0.02,))
    thread.start()
    yield elsewhere
    elsewhere.server.shutdown()
    elsewhere.server.server_close()
    thread.join()


async def test_paypal_signed_by_somebody_else(
    paypal_webhook: Webhook, maker: Maker, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    """An own authority, its own signer, a correct signature: only the root tells them apart."""
    forger = load_signer(tmp_path, datetime.now(UTC))
    elsewhere.content = forger.chain_pem
    forged = paypal_headers(
        paypal_webhook.body, f"WH-{TENANT.upper()}", datetime.now(UTC), forger, f"http://{elsewhere.host}"
    )
    headers = {name.lower(): value for name, value in forged.items()}
    forgers = {"cert_hosts": (elsewhere.host,), "read_roots": (tmp_path / "paypal-ca.pem").read_bytes}
    assert await maker.paypal(trust=forgers).verify_webhook(headers, paypal_webhook.body)
    with pytest.raises(WebhookInvalid):
        await maker.paypal(trust={"cert_hosts": (elsewhere.host,)}).verify_webhook(headers, paypal_webhook.body)


@pytest.mark.parametrize(("status", "error"), [(302, WebhookInvalid), (404, WebhookInvalid), (500, GatewayUnavailable)])
async def test_paypal_no_certificate(
    paypal_webhook: Webhook, maker: Maker, elsewhere: Elsewhere, status: int, error: type[Exception]
) -> None:
    """Redirects are not followed, even to the true certificate; a failing host means: come again."""
    elsewhere.status, elsewhere.location = status, paypal_webhook.headers["paypal-cert-url"] if status == 302 else ""
    headers = {**paypal_webhook.headers, "paypal-cert-url": f"http://{elsewhere.host}/v1/notifications/certs/CERT-1"}
    with pytest.raises(error):
        await maker.paypal(trust={"cert_hosts": (elsewhere.host,)}).verify_webhook(headers, paypal_webhook.body)


async def test_a_webhook_comes_again_until_it_is_taken(
    gateway: Gateway, citizen: Citizen, receiver: Receiver, provider: str
) -> None:
    wanted = order()
    opened = await gateway.open_session(wanted)
    receiver.answers = [500, 503]
    await citizen.press(opened, "decline" if provider == "stripe" else "pay")
    await eventually(lambda: len(receiver.of(wanted.attempt_id)) == 3)
    webhooks = receiver.of(wanted.attempt_id)
    assert len({webhook.event["id"] for webhook in webhooks}) == 1
    for webhook in webhooks:
        assert await gateway.verify_webhook(webhook.headers, webhook.body)


async def test_switches_for_duplicate_late_and_lost_webhooks(
    gateway: Gateway, citizen: Citizen, receiver: Receiver, sandbox: Sandbox, provider: str
) -> None:
    async def press_with(**faults: object) -> Order:
        wanted = order()
        opened = await gateway.open_session(wanted)
        sandbox.set_faults(**faults)
        await citizen.press(opened, "decline" if provider == "stripe" else "pay")
        return wanted

    lost, late = await press_with(webhooks="off"), await press_with(webhook_delay_s=3)
    twice = await press_with(webhooks="duplicate")
    await eventually(lambda: len(receiver.of(twice.attempt_id)) == 2)
    assert not receiver.of(late.attempt_id)
    await eventually(lambda: len(receiver.of(late.attempt_id)) == 1)
    assert not receiver.of(lost.attempt_id)
    ids = {msgspec.json.decode(webhook.body)["id"] for webhook in receiver.of(twice.attempt_id)}
    assert len(ids) == 1


async def test_an_unsent_webhook_survives_a_kill(
    gateway: Gateway, citizen: Citizen, receiver: Receiver, sandbox: Sandbox, provider: str
) -> None:
    wanted = order()
    opened = await gateway.open_session(wanted)
    sandbox.set_faults(webhook_delay_s=1)
    await citizen.press(opened, "decline" if provider == "stripe" else "pay")
    await asyncio.to_thread(sandbox.kill)
    await asyncio.to_thread(sandbox.start)
    await eventually(lambda: len(receiver.of(wanted.attempt_id)) == 1)
