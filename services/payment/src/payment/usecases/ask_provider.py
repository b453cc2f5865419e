"""One call to a provider, outside any transaction, and its answer in the domain's words."""

from typing import Literal

from contracts.payment import PURPOSE, PaymentItem
from payment.domain.attempt import Attempt, Call, Card, Seen, SeenStatus, provider_key
from payment.domain.payment import Payment
from payment.domain.receipt import LEGAL_BASIS
from payment.domain.settlement import Miss, Outcome, Refusal
from payment.gateways.gateway import (
    CaptureView,
    Gateway,
    GatewayRefused,
    GatewayUnavailable,
    OpenSession,
    SessionItem,
    SessionView,
)
from payment.store.payments import list_items
from payment.usecases.tools import Tools

_STATUS_OF_CAPTURE: dict[Literal["paid", "pending", "refused"], SeenStatus] = {
    "paid": "paid",
    "pending": "authorised",
    "refused": "closed",
}


async def ask_provider(tools: Tools, payment: Payment, attempt: Attempt, call: Call) -> Outcome:
    """The key derives from the attempt, so that asking again after a crash has no second effect."""
    gateway = await tools.gateways.find(attempt.tenant, attempt.provider)
    try:
        return await _ask(tools, gateway, payment, attempt, call)
    except GatewayUnavailable as error:
        return Miss(error.code)
    except GatewayRefused as error:
        return _on_refused(payment, attempt, call, error.code)


async def _ask(tools: Tools, gateway: Gateway, payment: Payment, attempt: Attempt, call: Call) -> Outcome:
    key = provider_key(attempt.id, call)
    match call:
        case Call.OPEN:
            return await _open(tools, gateway, payment, attempt)
        case Call.READ:
            return _seen(await gateway.read_session(_known(attempt.session_id)))
        case Call.CLOSE:
            return _seen(await gateway.close_session(_known(attempt.session_id), key))
        case Call.AUTHORISE:
            return _seen(await gateway.authorise(_known(attempt.session_id), key))
        case Call.CAPTURE:
            view = await gateway.capture(_known(attempt.authorization_id), payment.amount, key)
            return _seen_of_capture(payment, view)
        case Call.VOID:
            return await _void(gateway, payment, attempt)


async def _open(tools: Tools, gateway: Gateway, payment: Payment, attempt: Attempt) -> Seen:
    """Nothing in it depends on the present time: a retry must ask the very same."""
    page, proof = tools.page_url(payment.tenant, payment.id), tools.way_back(payment.id)
    async with tools.acting_for(payment.tenant) as connection:
        items = await list_items(connection, payment.id)
    opened = await gateway.open_session(
        OpenSession(
            attempt_id=str(attempt.id),
            key=provider_key(attempt.id, Call.OPEN),
            amount=payment.amount,
            capture=payment.capture,
            reference=payment.treasury_reference,
            success_url=f"{page}/zurueck?attempt={attempt.id}&back={proof}",
            cancel_url=f"{page}/abbruch?attempt={attempt.id}&back={proof}",
            requested_at=attempt.created_at,
            expires_at=payment.expires_at,
            language=payment.language,
            items=tuple(map(_position, items)),
        )
    )
    return Seen(
        status="open",
        amount=payment.amount,
        reference=payment.treasury_reference,
        session_id=opened.session_id,
        redirect_url=opened.redirect_url,
    )


def _position(item: PaymentItem) -> SessionItem:
    """What the treasury books by. The legal basis and the purpose would tell the service."""
    booking_data = {key: value for key, value in item.accounting.items() if key not in (LEGAL_BASIS, PURPOSE)}
    return SessionItem(quantity=item.quantity, amount_cents=item.amount_cents, booking_data=booking_data)


async def _void(gateway: Gateway, payment: Payment, attempt: Attempt) -> Seen:
    view = await gateway.void(_known(attempt.authorization_id), provider_key(attempt.id, Call.VOID))
    if view.status == "voided":
        return _closed(payment)
    return _seen(await gateway.read_session(_known(attempt.session_id)))


def _on_refused(payment: Payment, attempt: Attempt, call: Call, code: str) -> Outcome:
    if call in (Call.CAPTURE, Call.VOID):
        return Refusal(code)
    if call in (Call.OPEN, Call.AUTHORISE) or (
        code == "session_not_found" and (attempt.is_live or attempt.state == "review")
    ):
        return _closed(payment, code)
    return Miss(code)


def _closed(payment: Payment, code: str | None = None) -> Seen:
    return Seen(status="closed", amount=payment.amount, reference=payment.treasury_reference, last_decline=code)


def _seen(view: SessionView) -> Seen:
    card = view.card
    return Seen(
        status=view.status,
        amount=view.amount,
        reference=view.reference,
        session_id=view.session_id,
        authorization_id=view.authorization_id,
        authorization_expires_at=view.authorization_expires_at,
        capture_id=view.capture_id,
        card=Card(card.brand, card.last4, card.expiry_month, card.expiry_year) if card else None,
        last_decline=view.last_decline,
    )


def _seen_of_capture(payment: Payment, view: CaptureView) -> Seen:
    """A pending capture leaves the money reserved as before, and is waited for."""
    return Seen(
        status=_STATUS_OF_CAPTURE[view.status],
        amount=view.amount if view.status == "paid" else payment.amount,
        reference=payment.treasury_reference,
        capture_id=view.capture_id,
        last_decline=view.code if view.status == "refused" else None,
    )


def _known(id_: str | None) -> str:
    """An attempt past `opening` has its session's id, one past `authorised` its authorization's."""
    assert id_ is not None
    return id_
