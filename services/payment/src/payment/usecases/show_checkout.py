"""What the citizen's pages show."""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.payment import PaymentItem
from kit.sql import Connection
from payment.domain.attempt import ENDS_BY_ITSELF, Attempt, is_method_for
from payment.domain.errors import PaymentMissing
from payment.domain.payment import Method, Payment
from payment.store.attempts import list_attempts
from payment.store.ledger import find_capture_time
from payment.store.methods import list_methods
from payment.store.payments import list_items
from payment.store.tenants import find_tenant
from payment.store.transactions import is_transaction
from payment.usecases.read_payment import get_payment
from payment.usecases.sync_attempt import sync_attempt
from payment.usecases.tools import Tools


class Checkout(msgspec.Struct, frozen=True, kw_only=True):
    payment: Payment
    items: list[PaymentItem]
    attempts: list[Attempt]
    """Newest first."""
    methods: list[Method]
    """Offered for this payment, in the order of the page."""
    is_transaction: bool
    """It came by XBezahldienste."""
    paid_at: datetime | None
    time_zone: str

    @property
    def live(self) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.is_live), None)

    @property
    def is_open_elsewhere(self) -> bool:
        """The provider has just said that nothing was paid yet, and the citizen may still do so there."""
        return self.live is not None and self.live.state == "open" and self.live.provider in ENDS_BY_ITSELF

    @property
    def settled(self) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.id == self.payment.settled_attempt_id), None)

    @property
    def was_declined(self) -> bool:
        return bool(self.attempts and self.attempts[0].last_decline)


async def show_checkout(tools: Tools, tenant: str, payment_id: UUID) -> Checkout:
    """Raises PaymentMissing."""
    async with tools.acting_for(tenant) as connection:
        town = await find_tenant(connection, tenant)
        if town is None:
            raise PaymentMissing("There is no such tenant.")
        payment = await get_payment(connection, tenant, payment_id)
        return Checkout(
            payment=payment,
            items=await list_items(connection, payment_id),
            attempts=await list_attempts(connection, payment_id),
            methods=await _list_methods(connection, payment),
            is_transaction=await is_transaction(connection, tenant, payment_id),
            paid_at=await find_capture_time(connection, tenant, payment_id),
            time_zone=town.profile.time_zone,
        )


async def _list_methods(connection: Connection, payment: Payment) -> list[Method]:
    return [method for method in await list_methods(connection, payment.tenant) if is_method_for(payment, method)]


async def look_again(tools: Tools, tenant: str, payment_id: UUID, attempt_id: UUID | None = None) -> Checkout:
    """Ask the provider how the attempt stands (without one: the live one), then show. Raises PaymentMissing."""
    shown = await show_checkout(tools, tenant, payment_id)
    wanted = [attempt.id for attempt in shown.attempts if attempt.id == attempt_id]
    if not wanted and shown.live:
        wanted = [shown.live.id]
    for id_ in wanted:
        await sync_attempt(tools, tenant, id_, "citizen")
    return await show_checkout(tools, tenant, payment_id) if wanted else shown
