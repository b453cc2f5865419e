from uuid import UUID

from kit.sql import Connection
from kit.tokens import TokenInvalid, read_id, sign_id
from payment.domain.errors import PaymentMissing
from payment.domain.payment import Payment
from payment.domain.receipt import Receipt, legal_bases
from payment.store.attempts import find_attempt
from payment.store.ledger import find_capture_time, list_given_back
from payment.store.payments import find_payment, list_items
from payment.store.tenants import find_tenant
from payment.usecases.tools import Tools

PURPOSE = "receipt"


async def read_receipt(tools: Tools, tenant: str, payment_id: UUID) -> Receipt:
    """Raises PaymentMissing, also for what is not paid."""
    async with tools.acting_for(tenant) as connection:
        payment = await find_payment(connection, tenant, payment_id)
        receipt = await _gather(tools, connection, payment) if payment and payment.state == "paid" else None
    if receipt is None:
        raise PaymentMissing("There is no receipt: the payment is not complete.")
    return receipt


async def verify_receipt(tools: Tools, tenant: str, token: str) -> Receipt | None:
    """Whose address a receipt's code holds. None for whatever we did not sign, and for another tenant's."""
    try:
        return await read_receipt(tools, tenant, read_id(tools.link_key, PURPOSE, token))
    except (TokenInvalid, PaymentMissing):
        return None


def verification_url(tools: Tools, payment: Payment) -> str:
    """It opens the verification alone: neither the payment's page nor what was paid for."""
    return f"{tools.public_url}/{payment.tenant}/quittung/{sign_id(tools.link_key, PURPOSE, payment.id)}"


async def _gather(tools: Tools, connection: Connection, payment: Payment) -> Receipt | None:
    town = await find_tenant(connection, payment.tenant)
    attempt = await find_attempt(connection, payment.settled_attempt_id) if payment.settled_attempt_id else None
    paid_at = await find_capture_time(connection, payment.tenant, payment.id)
    if town is None or attempt is None or paid_at is None:
        return None
    items = await list_items(connection, payment.id)
    return Receipt(
        issuer=town.profile,
        payment=payment,
        items=items,
        legal_bases=legal_bases(items, town.legal_basis),
        paid_at=paid_at,
        method=attempt.method,
        card=attempt.card,
        given_back=await list_given_back(connection, payment.tenant, payment.id),
        issued_at=tools.clock(),
    )
