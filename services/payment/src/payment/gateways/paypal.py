"""PayPal Orders v2, with the citizen's approval on PayPal's own page.

An approved order reserves no money: `authorise` then asks for an authorization (manual) or a capture (automatic). Each
command first looks whether its effect is already there, since PayPal forgets keys (see `paypal_client`).
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from contracts.money import Money
from payment.gateways.gateway import (
    CaptureView,
    DisputeView,
    GatewayRefused,
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
from payment.gateways.paypal_answers import (
    UNRESERVED,
    Authorization,
    Capture,
    Dispute,
    Order,
    Refund,
    Supplement,
    capture_view,
    dispute_view,
    order_body,
    payer_url,
    refund_view,
    session_view,
    to_amount,
    to_money,
)
from payment.gateways.paypal_client import PayPalAccount, PayPalClient, PayPalRefused
from payment.gateways.paypal_movements import read_report
from payment.gateways.paypal_webhooks import WebhookVerifier

ORDERS = "/v2/checkout/orders"
PAYMENTS = "/v2/payments"
DISPUTES = "/v1/customer/disputes"
DECLINES = (  # of this way to pay, not of the order: the citizen may approve again with another one
    "INSTRUMENT_DECLINED",
    "PAYER_ACCOUNT_LOCKED_OR_CLOSED",
    "PAYER_ACCOUNT_RESTRICTED",
    "PAYER_ACTION_REQUIRED",
    "PAYER_CANNOT_PAY",
    "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING",
    "TRANSACTION_LIMIT_EXCEEDED",
    "TRANSACTION_REFUSED",
)
ALREADY_DONE = ("ORDER_ALREADY_AUTHORIZED", "ORDER_ALREADY_CAPTURED")
OVER_REFUND = ("REFUND_AMOUNT_EXCEEDED", "CAPTURE_FULLY_REFUNDED")


class _Unit(msgspec.Struct, frozen=True):
    custom_id: str | None = None


class _Resource(msgspec.Struct, frozen=True):
    id: str = ""
    dispute_id: str | None = None
    custom_id: str | None = None
    purchase_units: tuple[_Unit, ...] = ()
    supplementary_data: Supplement = Supplement()


class _Event(msgspec.Struct, frozen=True):
    id: str
    event_type: str
    resource_type: str = ""
    resource: _Resource = _Resource()


class PayPalGateway:
    """Keep one per account: it holds the access token."""

    def __init__(self, account: PayPalAccount, client: PayPalClient, webhooks: WebhookVerifier) -> None:
        self._account = account
        self._client = client
        self._webhooks = webhooks

    async def open_session(self, request: OpenSession) -> OpenedSession:
        order = await self._client.post(ORDERS, order_body(request), request.key, Order)
        return OpenedSession(session_id=order.id, redirect_url=payer_url(order))

    async def read_session(self, session_id: str) -> SessionView:
        return session_view(await self._read_order(session_id))

    async def close_session(self, session_id: str, key: str) -> SessionView:  # noqa: ARG002 - there is no such call
        view = await self.read_session(session_id)
        return msgspec.structs.replace(view, status="closed") if view.status in ("open", "approved") else view

    async def authorise(self, session_id: str, key: str) -> SessionView:
        order = await self._read_order(session_id)
        if order.status != "APPROVED" or session_view(order).status != "approved":
            return session_view(order)
        try:
            await self._take(order, key)
        except PayPalRefused as refused:
            if refused.code in DECLINES:
                return msgspec.structs.replace(session_view(order), status="open", last_decline=refused.code)
            if refused.code not in ALREADY_DONE:
                raise
        return await self.read_session(session_id)

    async def _take(self, order: Order, key: str) -> None:
        """Each approval has a key of its own: after a decline the citizen may approve the same order again."""
        verb = "authorize" if order.intent == "AUTHORIZE" else "capture"
        await self._client.post(f"{ORDERS}/{order.id}/{verb}", {}, f"{key}:{order.update_time}", Order)

    async def capture(self, authorization_id: str, amount: Money, key: str) -> CaptureView:
        authorization = await self._read_authorization(authorization_id)
        if authorization.status in UNRESERVED:
            return CaptureView(status="refused", amount=to_money(authorization.amount), code=authorization.status)
        require_same(amount, to_money(authorization.amount))
        if authorization.status in ("CREATED", "PENDING"):
            try:
                return await self._capture(authorization_id, amount, key)
            except PayPalRefused as refused:
                if refused.code != "AUTHORIZATION_ALREADY_CAPTURED":
                    return CaptureView(status="refused", amount=amount, code=refused.code)
        return await self._find_capture(authorization)

    async def _capture(self, authorization_id: str, amount: Money, key: str) -> CaptureView:
        body = {"amount": to_amount(amount), "final_capture": True}
        path = f"{PAYMENTS}/authorizations/{authorization_id}/capture"
        return capture_view(await self._client.post(path, body, key, Capture))

    async def _find_capture(self, authorization: Authorization) -> CaptureView:
        """An authorization does not name its capture; its order does."""
        order = await self._read_order(authorization.supplementary_data.related_ids.order_id or "")
        if not order.unit.payments.captures:
            raise GatewayRefused("unexpected_status", authorization.status)
        return capture_view(order.unit.payments.captures[-1])

    async def void(self, authorization_id: str, key: str) -> VoidView:  # noqa: ARG002 - PayPal takes none here
        authorization = await self._read_authorization(authorization_id)
        if authorization.status in UNRESERVED:
            return VoidView(status="voided")
        if authorization.status in ("CAPTURED", "PARTIALLY_CAPTURED"):
            return VoidView(status="captured")
        try:
            await self._client.command(f"{PAYMENTS}/authorizations/{authorization_id}/void")
        except PayPalRefused as refused:
            if refused.code == "PREVIOUSLY_CAPTURED":
                return VoidView(status="captured")
            if refused.code != "PREVIOUSLY_VOIDED":
                raise
        return VoidView(status="voided")

    async def refund(self, capture_id: str, amount: Money, key: str) -> RefundView:
        mark = key.replace(":", ".")  # PayPal's answers allow no colon in a custom_id
        for refund in await self._list_refunds(capture_id):
            if refund.custom_id == mark:
                return refund_view(refund)
        body = {"amount": to_amount(amount), "custom_id": mark}
        try:
            return refund_view(await self._client.post(f"{PAYMENTS}/captures/{capture_id}/refund", body, key, Refund))
        except PayPalRefused as refused:
            if refused.code in OVER_REFUND:
                raise GatewayRefused("refund_exceeds_capture", refused.code) from None
            if refused.code == "TRANSACTION_DISPUTED":
                raise GatewayRefused("charge_disputed", refused.code) from None
            raise

    async def _list_refunds(self, capture_id: str) -> tuple[Refund, ...]:
        capture = await self._client.get(f"{PAYMENTS}/captures/{capture_id}", Capture)
        order_id = capture.supplementary_data.related_ids.order_id
        return (await self._read_order(order_id)).unit.payments.refunds if order_id else ()

    async def read_refund(self, refund_id: str) -> RefundView:
        return refund_view(await self._client.get(f"{PAYMENTS}/refunds/{refund_id}", Refund))

    async def read_movements(self, since: datetime, until: datetime) -> Movements:
        return await read_report(self._client, since, until)

    async def read_dispute(self, dispute_id: str) -> DisputeView:
        return dispute_view(await self._client.get(f"{DISPUTES}/{dispute_id}", Dispute))

    async def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> WebhookEvent:
        await self._webhooks.verify(self._account.webhook_id, headers, raw_body)
        try:
            return _webhook_event(msgspec.json.decode(raw_body, type=_Event))
        except msgspec.MsgspecError as error:
            raise WebhookInvalid(str(error)) from None

    async def _read_order(self, order_id: str) -> Order:
        try:
            return await self._client.get(f"{ORDERS}/{order_id}", Order)
        except PayPalRefused as refused:
            if refused.status == 404:
                raise GatewayRefused("session_not_found", refused.code) from None
            raise

    async def _read_authorization(self, authorization_id: str) -> Authorization:
        return await self._client.get(f"{PAYMENTS}/authorizations/{authorization_id}", Authorization)


def _webhook_event(event: _Event) -> WebhookEvent:
    resource = event.resource
    is_order = event.resource_type == "checkout-order"
    is_refund = event.resource_type == "refund"
    custom_id = resource.purchase_units[0].custom_id if resource.purchase_units else resource.custom_id
    return WebhookEvent(
        id=event.id,
        type=event.event_type,
        object_id=resource.dispute_id or resource.id,
        session_id=resource.id if is_order else resource.supplementary_data.related_ids.order_id,
        refund_id=resource.id if is_refund else None,
        dispute_id=resource.dispute_id,
        attempt_id=None if is_refund else custom_id,
    )
