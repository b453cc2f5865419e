"""The providers' post: their events in the form they have, signed as each of them signs, over a truth in memory."""

from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import stripe
from tests.payment.support.house import Clock, accounts
from tests.payment.support.provider import MemoryProvider, Session

from demo.sandbox.certificates import load_signer
from demo.sandbox.delivery import paypal_headers, stripe_headers
from kit.clock import system_clock
from payment.domain.attempt import Provider
from payment.gateways.gateway import Gateway, RefundView
from payment.gateways.paypal import PayPalGateway
from payment.gateways.paypal_client import PayPalClient
from payment.gateways.paypal_webhooks import WebhookTrust, WebhookVerifier
from payment.gateways.stripe import StripeGateway

PAYPAL = "https://paypal.example"


class Event(NamedTuple):
    provider: Provider
    id: str
    body: bytes


class Account(MemoryProvider):
    """One tenant's, at both providers. Each refund stands for itself; webhooks are verified by the real gateways."""

    def __init__(self, tenant: str, clock: Clock, folder: Path) -> None:
        super().__init__()
        self.tenant, self.clock = tenant, clock
        self._signer = load_signer(folder, clock())
        self._keys = accounts(tenant)
        self._http = httpx.AsyncClient(
            transport=httpx.MockTransport(lambda _: httpx.Response(200, content=self._signer.chain_pem))
        )
        trust = WebhookTrust(cert_hosts=("paypal.example",), read_roots=(folder / "paypal-ca.pem").read_bytes)
        assert self._keys.stripe
        assert self._keys.paypal
        client = PayPalClient(self._keys.paypal, PAYPAL, self._http, clock)
        self._stripe_http = stripe.HTTPXClient()
        self._gateways: dict[str, Gateway] = {
            "stripe": StripeGateway(self._keys.stripe, "https://stripe.example", self._stripe_http),
            "paypal": PayPalGateway(self._keys.paypal, client, WebhookVerifier(trust, self._http, clock)),
        }

    async def close(self) -> None:
        await self._http.aclose()
        await self._stripe_http.close_async()  # type: ignore[no-untyped-call] # the package leaves it untyped

    def sign(self, event: Event) -> dict[str, str]:
        """Anew each time it is sent, as providers do."""
        if event.provider == "stripe":
            assert self._keys.stripe
            headers = stripe_headers(event.body, self._keys.stripe.webhook_secrets, system_clock())
        else:
            assert self._keys.paypal
            webhook_id = self._keys.paypal.webhook_id
            headers = paypal_headers(event.body, webhook_id, self.clock(), self._signer, PAYPAL)
        return {name.lower(): value for name, value in headers.items()}

    async def verify_webhook(self, headers: Any, raw_body: bytes) -> Any:
        provider = "stripe" if "stripe-signature" in headers else "paypal"
        return await self._gateways[provider].verify_webhook(headers, raw_body)

    async def read_refund(self, refund_id: str) -> RefundView:
        return self.refunds[refund_id]

    def settle_refund(self, refund_id: str, status: Any) -> None:
        self.refunds[refund_id] = msgspec.structs.replace(self.refunds[refund_id], status=status)
        self.refund_status = "succeeded"

    def kept_cents(self) -> int:
        """The truth: what was taken, less what went back."""
        taken = sum(session.amount.amount_cents for session in self.sessions.values() if session.status == "paid")
        return taken - sum(view.amount.amount_cents for view in self.refunds.values() if view.status == "succeeded")


class Pen:
    """Writes the events of one payment: numbered, so that two tenants' accounts use the same ids."""

    def __init__(self, life: int) -> None:
        self.life = life
        self.count = 0

    def write(self, type_: str, session: Session, refund: RefundView | None = None) -> Event:
        self.count += 1
        number = f"{self.life}-{self.count}"
        if type_.isupper():
            return Event("paypal", f"WH-{number}", _paypal(f"WH-{number}", type_, session, refund))
        return Event("stripe", f"evt_{number}", _stripe(f"evt_{number}", type_, session, refund))


def _stripe(id_: str, type_: str, session: Session, refund: RefundView | None) -> bytes:
    kind = type_.rsplit(".", 1)[0]
    ids = {"checkout.session": session.id, "refund": refund and refund.refund_id, "charge": f"ch_{session.id}"}
    subject: dict[str, Any] = {"object": kind, "id": ids.get(kind, f"auth_{session.id}")}
    if kind == "charge":
        subject["payment_intent"] = f"auth_{session.id}"
    if kind in ("checkout.session", "payment_intent"):
        subject["metadata"] = {"attempt_id": session.request.attempt_id}
    return msgspec.json.encode({"id": id_, "type": type_, "livemode": False, "data": {"object": subject}})


def _paypal(id_: str, type_: str, session: Session, refund: RefundView | None) -> bytes:
    """A resource names our attempt, or its order among what it is related to."""
    resource: dict[str, Any]
    if refund:
        kind, resource = "refund", {"id": refund.refund_id}
    elif type_.startswith("CHECKOUT"):
        units = [{"custom_id": session.request.attempt_id}]
        kind, resource = "checkout-order", {"id": session.id, "purchase_units": units}
    else:
        kind = "capture" if ".CAPTURE." in type_ else "authorization"
        id_of_it = f"cap_{session.id}" if kind == "capture" else f"auth_{session.id}"
        resource = {"id": id_of_it, "supplementary_data": {"related_ids": {"order_id": session.id}}}
    return msgspec.json.encode({"id": id_, "event_type": type_, "resource_type": kind, "resource": resource})
