"""Paying through a system behind XBezahldienste 1.0.0: ePayBL, pmPayment, epay21, or another house's Schalter.

The standard takes money and tells how that stands, and no more. It reserves nothing (so no payment with manual capture
comes here), gives nothing back (the treasury transfers by hand), sends no webhook (the sweeper asks), and ends no
transaction: one that is left open stays payable on the other side until it says otherwise, or its page's life is over.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NoReturn

import msgspec

from contracts.money import Money
from kit.clock import Clock
from payment.domain.xbezahldienste import (
    NotWholeCents,
    Status,
    TransactionItem,
    TransactionRequest,
    from_timestamp,
    to_amount,
    to_cents,
    to_timestamp,
)
from payment.gateways.gateway import (
    CaptureView,
    DisputeView,
    GatewayRefused,
    GatewayUnavailable,
    Movements,
    OpenedSession,
    OpenSession,
    RefundView,
    SessionItem,
    SessionStatus,
    SessionView,
    VoidView,
    WebhookEvent,
    WebhookInvalid,
)
from payment.gateways.xbezahldienste_client import Refused, XBezahldiensteAccount, XBezahldiensteClient

STATUS_OF: dict[Status, SessionStatus] = {"INITIAL": "open", "PAYED": "paid", "FAILED": "closed", "CANCELED": "closed"}

_encoder = msgspec.json.Encoder(decimal_format="number")


class _Information(msgspec.Struct, frozen=True, rename="camel"):
    transaction_id: str
    status: Status
    transaction_redirect_url: str | None = None
    transaction_reference: str | None = None


class _Request(msgspec.Struct, frozen=True, rename="camel"):
    """Of our request, as the other side has it: what we compare."""

    request_id: str
    request_timestamp: str
    gros_amount: Decimal
    currency: str
    purpose: str


class _Transaction(msgspec.Struct, frozen=True, rename="camel"):
    payment_information: _Information
    payment_request: _Request


class XBezahldiensteGateway:
    def __init__(self, account: XBezahldiensteAccount, client: XBezahldiensteClient, clock: Clock) -> None:
        self._account = account
        self._client = client
        self._clock = clock

    async def open_session(self, request: OpenSession) -> OpenedSession:
        if request.capture == "manual":
            raise GatewayRefused("manual_capture_not_offered")
        content = _encoder.encode(payment_request(request, self._account.booking_data))
        try:
            transaction = await self._client.create(content, _Transaction)
        except Refused as refused:
            if refused.code != "PAYMENT_EXISTS":
                raise
            transaction = await self._find_by_request(request.attempt_id)
        return self._opened(transaction)

    async def _find_by_request(self, request_id: str) -> _Transaction:
        """Its answer was lost. Some systems use the requestId as transactionId.

        Where not, its page's address is lost with it, so that nobody can pay there: that attempt is over.
        """
        try:
            return await self._client.read(request_id, _Transaction)
        except Refused:
            raise GatewayRefused("payment_exists", "its answer was lost") from None

    def _opened(self, transaction: _Transaction) -> OpenedSession:
        information = transaction.payment_information
        address = information.transaction_redirect_url or ""
        scheme = self._account.url.partition("://")[0]
        if not address.startswith(f"{scheme}://"):
            raise GatewayRefused("session_not_open", information.status)
        return OpenedSession(session_id=information.transaction_id, redirect_url=address)

    async def read_session(self, session_id: str) -> SessionView:
        return _view(await self._read(session_id))

    async def _read(self, session_id: str) -> _Transaction:
        try:
            return await self._client.read(session_id, _Transaction)
        except Refused as refused:
            if refused.status == 404:
                raise GatewayRefused("session_not_found", refused.code) from None
            raise

    async def close_session(self, session_id: str, key: str) -> SessionView:  # noqa: ARG002 - there is no such call
        """Only the other side ends it. While somebody may still pay there, that is unknown: ask again."""
        transaction = await self._read(session_id)
        view = _view(transaction)
        if view.status != "open":
            return view
        if not self._is_over(transaction):
            raise GatewayUnavailable("still_payable")
        return msgspec.structs.replace(view, status="closed")

    def _is_over(self, transaction: _Transaction) -> bool:
        try:
            began_at = from_timestamp(transaction.payment_request.request_timestamp)
        except ValueError:
            raise GatewayUnavailable("unreadable_answer", "requestTimestamp") from None
        return self._clock() >= began_at + timedelta(minutes=self._account.page_life_min)

    async def authorise(self, session_id: str, key: str) -> SessionView:  # noqa: ARG002 - the other side did it
        return await self.read_session(session_id)

    async def capture(self, authorization_id: str, amount: Money, key: str) -> CaptureView:  # noqa: ARG002
        _refuse_command("capture")

    async def void(self, authorization_id: str, key: str) -> VoidView:  # noqa: ARG002
        _refuse_command("void")

    async def refund(self, capture_id: str, amount: Money, key: str) -> RefundView:  # noqa: ARG002
        """The standard gives nothing back: this refund fails, and the treasury transfers by hand."""
        _refuse_command("refund")

    async def read_refund(self, refund_id: str) -> RefundView:  # noqa: ARG002
        _refuse_command("refund")

    async def read_movements(self, since: datetime, until: datetime) -> Movements:  # noqa: ARG002
        _refuse_command("report")

    async def read_dispute(self, dispute_id: str) -> DisputeView:  # noqa: ARG002
        _refuse_command("dispute")

    async def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> WebhookEvent:  # noqa: ARG002
        raise WebhookInvalid("the standard sends none")


def _refuse_command(name: str) -> NoReturn:
    raise GatewayRefused(f"{name}_not_offered", "XBezahldienste has no such call")


def payment_request(request: OpenSession, booking_data: Mapping[str, str]) -> TransactionRequest:
    """The same for the same attempt, so that asking twice orders one payment. Neutral, as for every provider.

    `booking_data`: the account's, with each position; what a position says itself counts more.
    """
    items = request.items or (SessionItem(quantity=1, amount_cents=request.amount.amount_cents),)
    return TransactionRequest(
        request_id=request.attempt_id,
        request_timestamp=to_timestamp(request.requested_at),
        currency="EUR",
        gros_amount=to_amount(request.amount.amount_cents),
        purpose=request.reference,
        description=f"{request.label} {request.reference}",
        redirect_url=request.success_url,
        items=[_position(place, item, request, booking_data) for place, item in enumerate(items, 1)],
    )


def _position(place: int, item: SessionItem, request: OpenSession, booking_data: Mapping[str, str]) -> TransactionItem:
    return TransactionItem(
        id=str(place),
        reference=request.reference,
        description=request.label,
        tax_rate=Decimal(0),
        quantity=item.quantity,
        total_net_amount=to_amount(item.quantity * item.amount_cents),
        total_tax_amount=Decimal("0.00"),
        single_net_amount=to_amount(item.amount_cents),
        single_tax_amount=Decimal("0.00"),
        booking_data={**booking_data, **item.booking_data},
    )


def _view(transaction: _Transaction) -> SessionView:
    """`capture_id` is the other side's Kassenzeichen where it has one: by that its treasury finds the money."""
    information, asked = transaction.payment_information, transaction.payment_request
    is_paid = information.status == "PAYED"
    try:
        amount = Money(to_cents(asked.gros_amount), asked.currency)
    except NotWholeCents as error:
        raise GatewayUnavailable("unreadable_answer", f"grosAmount: {error}") from None
    return SessionView(
        session_id=information.transaction_id,
        status=STATUS_OF[information.status],
        amount=amount,
        reference=asked.purpose,
        capture_id=(information.transaction_reference or information.transaction_id) if is_paid else None,
        last_decline="FAILED" if information.status == "FAILED" else None,
    )
