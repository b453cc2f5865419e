"""Stripe: hosted Checkout Sessions with a full-page redirect (PCI SAQ A), through the `stripe` package.

A PaymentIntent's id names both the reserved and the captured money. In manual mode a complete session still says
`unpaid`, therefore the PaymentIntent is what is read. Stripe keeps whatever it answered under an idempotency key for
at least 24 hours, refusals and its own failures included.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import stripe

from contracts.money import Money
from payment.gateways.gateway import (
    CaptureView,
    DisputeView,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    Movements,
    OpenedSession,
    OpenSession,
    RefundView,
    SessionView,
    VoidView,
    WebhookEvent,
    WebhookInvalid,
    require_same,
)
from payment.gateways.stripe_answers import (
    capture_view,
    dispute_view,
    metadata,
    money,
    refund_view,
    session_params,
    session_view,
    void_view,
)
from payment.gateways.stripe_movements import movement, payout_view

WEBHOOK_TOLERANCE_S = 300
PAGE_SIZE_MAX = 100
T = TypeVar("T")


class StripeAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Several webhook secrets, so that they can be rotated; none means that the endpoint is off."""

    secret_key: str
    webhook_secrets: tuple[str, ...] = ()

    @property
    def live(self) -> bool:
        return self.secret_key.startswith(("sk_live_", "rk_live_"))


class _EventObject(msgspec.Struct, frozen=True):
    id: str
    object: str
    payment_intent: str | None = None
    metadata: dict[str, str] | None = None


class _EventData(msgspec.Struct, frozen=True):
    object: _EventObject


class _Event(msgspec.Struct, frozen=True):
    """Decoded by msgspec rather than the library, so that a payload of another shape is an error and not a None."""

    id: str
    type: str
    livemode: bool
    data: _EventData


class StripeGateway:
    """`http_client` may be shared by all tenants; whoever made it closes it (`close_async`)."""

    def __init__(
        self, account: StripeAccount, base_url: str, http_client: stripe.HTTPClient, *, page_size: int = PAGE_SIZE_MAX
    ) -> None:
        self._account = account
        self._page_size = page_size
        client = stripe.StripeClient(
            account.secret_key,
            base_addresses={"api": base_url},
            http_client=http_client,
            max_network_retries=0,  # who calls a gateway retries, and knows when to stop
        )
        self._sessions = client.v1.checkout.sessions
        self._intents = client.v1.payment_intents
        self._refunds = client.v1.refunds
        self._balance = client.v1.balance_transactions
        self._payouts = client.v1.payouts
        self._disputes = client.v1.disputes

    async def open_session(self, request: OpenSession) -> OpenedSession:
        session = await _call(
            self._sessions.create_async(session_params(request), options={"idempotency_key": request.key})
        )
        if session.url is None:
            raise GatewayRefused("session_not_open", "Stripe gave no address of its page")
        return OpenedSession(session_id=session.id, redirect_url=session.url)

    async def read_session(self, session_id: str) -> SessionView:
        expand = ["payment_intent.latest_charge"]
        try:
            return session_view(await _call(self._sessions.retrieve_async(session_id, {"expand": expand})))
        except GatewayRefused as refused:
            if refused.code == "resource_missing":
                raise GatewayRefused("session_not_found", refused.detail) from None
            raise

    async def close_session(self, session_id: str, key: str) -> SessionView:
        view = await self.read_session(session_id)
        if view.status != "open":
            return view
        try:
            await _call(self._sessions.expire_async(session_id, options={"idempotency_key": key}))
        except GatewayRefused:
            view = await self.read_session(session_id)
            if view.status == "open":
                raise
            return view  # completed between the two calls
        return await self.read_session(session_id)

    async def authorise(self, session_id: str, key: str) -> SessionView:  # noqa: ARG002 - Stripe did it on its page
        return await self.read_session(session_id)

    async def capture(self, authorization_id: str, amount: Money, key: str) -> CaptureView:
        intent = await _call(self._intents.retrieve_async(authorization_id))
        if intent.status == "requires_capture":
            require_same(amount, money(intent.amount_capturable, intent.currency))
            intent = await self._capture(authorization_id, amount, key)
        view = capture_view(intent)
        if view.status == "paid":
            require_same(amount, view.amount)
        return view

    async def _capture(self, authorization_id: str, amount: Money, key: str) -> stripe.PaymentIntent:
        """What was refused is told by the intent's new state, if it has one."""
        try:
            return await _call(
                self._intents.capture_async(
                    authorization_id, {"amount_to_capture": amount.amount_cents}, {"idempotency_key": key}
                )
            )
        except GatewayRefused:
            intent = await _call(self._intents.retrieve_async(authorization_id))
            if intent.status == "requires_capture":
                raise
            return intent

    async def void(self, authorization_id: str, key: str) -> VoidView:
        intent = await _call(self._intents.retrieve_async(authorization_id))
        if intent.status not in ("canceled", "succeeded"):
            try:
                intent = await _call(self._intents.cancel_async(authorization_id, options={"idempotency_key": key}))
            except GatewayRefused:
                intent = await _call(self._intents.retrieve_async(authorization_id))
        return void_view(intent)

    async def refund(self, capture_id: str, amount: Money, key: str) -> RefundView:
        """Refunds carry their key as metadata: it finds them when Stripe has forgotten its own copy of the key."""
        refunds = await _call(self._refunds.list_async({"payment_intent": capture_id, "limit": 100}))
        for refund in refunds.data:
            if metadata(refund.metadata).get("key") == key:
                return refund_view(refund)
        return refund_view(
            await _call(
                self._refunds.create_async(
                    {"payment_intent": capture_id, "amount": amount.amount_cents, "metadata": {"key": key}},
                    {"idempotency_key": key},
                )
            )
        )

    async def read_refund(self, refund_id: str) -> RefundView:
        return refund_view(await _call(self._refunds.retrieve_async(refund_id)))

    async def read_movements(self, since: datetime, until: datetime) -> Movements:
        span = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
        payouts = [
            payout async for payout in _each(self._payouts.list_async, {"created": span, "limit": self._page_size})
        ]
        found = {entry.id: movement(entry) async for entry in self._each_entry({"created": span})}
        for payout in payouts:
            if payout.automatic:
                paid_out = [entry async for entry in self._each_entry({"payout": payout.id})]
                found |= {entry.id: movement(entry, payout.id) for entry in paid_out if entry.type != "payout"}
        return Movements(tuple(found.values()), tuple(map(payout_view, payouts)), until)

    def _each_entry(self, which: dict[str, Any]) -> AsyncIterator[stripe.BalanceTransaction]:
        return _each(self._balance.list_async, which | {"expand": ["data.source"], "limit": self._page_size})

    async def read_dispute(self, dispute_id: str) -> DisputeView:
        return dispute_view(await _call(self._disputes.retrieve_async(dispute_id)))

    async def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> WebhookEvent:
        secrets = [secret for secret in self._account.webhook_secrets if secret.strip()]  # anybody can sign with ""
        if not any(self._signed_by(secret, headers, raw_body) for secret in secrets):
            raise WebhookInvalid("no secret of this account signed it within the tolerance")
        try:
            event = msgspec.json.decode(raw_body, type=_Event)
        except msgspec.MsgspecError as error:
            raise WebhookInvalid(str(error)) from None
        if event.livemode != self._account.live:
            raise WebhookInvalid("livemode differs from the account's")
        return _webhook_event(event)

    @staticmethod
    def _signed_by(secret: str, headers: Mapping[str, str], raw_body: bytes) -> bool:
        """What `construct_event` does before it decodes: constant-time compare, 300 s of tolerance."""
        try:
            header = headers.get("stripe-signature")
            stripe.WebhookSignature.verify_header(raw_body, header, secret, WEBHOOK_TOLERANCE_S)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            return False
        return True


async def _each(list_page: Callable[[Any], Awaitable[Any]], which: dict[str, Any]) -> AsyncIterator[Any]:
    """Page by page, newest first, as Stripe lists."""
    params = which
    while True:
        page = await _call(list_page(params))
        for item in page.data:
            yield item
        if not page.has_more:
            return
        params = params | {"starting_after": page.data[-1].id}


async def _call(call: Awaitable[T]) -> T:
    try:
        return await call
    except stripe.StripeError as error:
        raise _gateway_error(error) from None  # its text may quote what was sent


def _gateway_error(error: stripe.StripeError) -> GatewayError:
    """A refused API key is the operator's to mend, and then the same call succeeds: it is no refusal of the payment."""
    status, code = error.http_status, error.code or type(error).__name__
    if status in (401, 403):
        return GatewayUnavailable("credentials_refused", code)
    if status is None or status in (408, 409, 429) or status >= 500:
        return GatewayUnavailable("no_answer" if status is None else f"http_{status}", code)
    if isinstance(error, stripe.IdempotencyError):
        return GatewayRefused("key_reused", "the same key was sent with another body")
    if isinstance(error, stripe.CardError):
        return GatewayRefused(_decline_code(error) or code)
    if code == "charge_already_refunded" or (isinstance(error, stripe.InvalidRequestError) and error.param == "amount"):
        return GatewayRefused("refund_exceeds_capture", code)
    return GatewayRefused(code, error.request_id or "")


def _decline_code(error: stripe.CardError) -> str | None:
    return getattr(error.error, "decline_code", None)  # left out where there is none


def _webhook_event(event: _Event) -> WebhookEvent:
    subject = event.data.object
    return WebhookEvent(
        id=event.id,
        type=event.type,
        object_id=subject.payment_intent or subject.id if subject.object == "charge" else subject.id,
        session_id=subject.id if subject.object == "checkout.session" else None,
        refund_id=subject.id if subject.object == "refund" else None,
        dispute_id=subject.id if subject.object == "dispute" else None,
        attempt_id=(subject.metadata or {}).get("attempt_id"),
    )
