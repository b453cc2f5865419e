"""The citizen chose how to pay: there is at most one live session, and a change of method closes the other first."""

from datetime import datetime
from uuid import UUID

from kit.ids import uuid7
from kit.sql import Connection
from payment.domain.attempt import ENDS_BY_ITSELF, Attempt, Provider, is_method_for
from payment.domain.errors import BegunElsewhere, PaymentMissing, PaymentOver, ProviderRefused, ProviderUnavailable
from payment.domain.payment import Method, Payment, Trigger
from payment.store.attempts import close_open_attempts, find_attempt, insert_attempt, list_attempts
from payment.store.methods import find_provider
from payment.store.payments import lock_payment
from payment.usecases.moves import move
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools

ROUNDS_MAX = 3
ACTOR = "citizen"


async def choose_method(tools: Tools, tenant: str, payment_id: UUID, method: Method) -> str | None:
    """Return the address of the provider's page; None when there is nothing left to pay.

    Pressed twice, or come back to, it leads to the same session. Raises PaymentOver, BegunElsewhere, ProviderRefused,
    ProviderUnavailable.
    """
    for _ in range(ROUNDS_MAX):
        attempt_id = await _take(tools, tenant, payment_id, method)
        if attempt_id is None:
            return None
        await sync_attempt(tools, tenant, attempt_id, ACTOR)
        async with tools.acting_for(tenant) as connection:
            attempt = await find_attempt(connection, attempt_id)
        assert attempt is not None
        if attempt.state == "open" and attempt.method == method:
            return attempt.redirect_url
        if attempt.state == "failed":
            raise ProviderRefused("This way of paying is not available at the moment. Choose another one.")
        if attempt.state == "open" and attempt.provider in ENDS_BY_ITSELF:
            raise BegunElsewhere("Finish or cancel the payment where you began it, then choose again.")
        if attempt.tries:
            break
    raise ProviderUnavailable("The payment provider does not answer. Nothing was charged; try again.")


async def _take(tools: Tools, tenant: str, payment_id: UUID, method: Method) -> UUID | None:
    """The attempt to go on with: the live one (of another method: being closed, where we can), or a new one."""
    now = tools.clock()
    async with tools.acting_for(tenant) as connection:
        payment = await lock_payment(connection, tenant, payment_id)
        if payment is None:
            raise PaymentMissing(f"There is no payment {payment_id}.")
        if payment.state in ("cancelled", "expired", "expiring") or (payment.is_open and payment.expires_at <= now):
            raise PaymentOver("The time to pay is up, or the payment was cancelled. Nothing was charged.")
        if not payment.is_open:
            return None
        live = next((attempt for attempt in await list_attempts(connection, payment_id) if attempt.is_live), None)
        if live and live.method == method:
            return live.id
        provider = await _get_provider(connection, payment, method)
        if live is None:
            return await _begin(connection, payment, method, provider, now)
        if live.provider not in ENDS_BY_ITSELF:
            await close_open_attempts(connection, payment_id, now)
        return live.id


async def _get_provider(connection: Connection, payment: Payment, method: Method) -> Provider:
    provider = await find_provider(connection, payment.tenant, method)
    if provider is None or not is_method_for(payment, method):
        raise ProviderRefused("This way of paying is not offered here. Choose another one.")
    return provider


async def _begin(connection: Connection, payment: Payment, method: Method, provider: Provider, now: datetime) -> UUID:
    attempt = Attempt(
        id=uuid7(),
        tenant=payment.tenant,
        payment_id=payment.id,
        state="opening",
        method=method,
        provider=provider,
        created_at=now,
    )
    await move(connection, payment, Trigger.CHOOSE, ACTOR, now)
    await insert_attempt(connection, attempt, now)
    return attempt.id
