from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.payment import NewPayment
from kit.ids import uuid7
from kit.sql import Connection
from payment.domain import kassenzeichen
from payment.domain.errors import InvalidRequest, PaymentMissing
from payment.domain.order import check_order, is_loopback, lifetime_s, origin_of
from payment.domain.payment import Payment, Trigger
from payment.store.history import insert_history
from payment.store.payments import insert_payment, next_treasury_number
from payment.store.tenants import Tenant, find_tenant, is_return_origin
from payment.usecases.once import Answer, Once, begin, finish
from payment.usecases.read_payment import view_of
from payment.usecases.tools import Tools


async def start_payment(tools: Tools, tenant: str, order: NewPayment, once: Once, actor: str) -> Answer:
    """Raises InvalidRequest, KeyReused."""
    async with tools.acting_for(tenant) as connection:
        stored = await begin(connection, tools, once, tenant)
        if stored:
            return stored
        payment = await create_payment(connection, tools, tenant, order, uuid7(), actor)
        answer = Answer(201, await view_of(tools, connection, payment))
        await finish(connection, once, answer)
        return answer


async def create_payment(
    connection: Connection,
    tools: Tools,
    tenant: str,
    order: NewPayment,
    id_: UUID,
    actor: str,
    *,
    url_field: str = "return_url",
) -> Payment:
    """The one birth of a payment, in the caller's transaction. Raises InvalidRequest."""
    total_cents = check_order(order)
    await _check_return_url(tools, connection, tenant, order.return_url, url_field)
    now = tools.clock()
    payment = await _draft(connection, tenant, order, id_, total_cents, now)
    await insert_payment(connection, payment, order.items, actor)
    await insert_history(connection, payment, Trigger.CREATE, actor, now)
    return payment


async def _check_return_url(tools: Tools, connection: Connection, tenant: str, url: str, field: str) -> None:
    """Only to a listed origin, so that no one can use a town's checkout to send people elsewhere."""
    origin = origin_of(url, field, allow_loopback=tools.allow_loopback)
    host = origin.split("://")[1].rsplit(":", 1)[0].strip("[]")
    if tools.allow_loopback and is_loopback(host):
        return
    if not await is_return_origin(connection, tenant, origin):
        raise InvalidRequest((field, f"{origin} is not among the tenant's return origins"))


async def _draft(
    connection: Connection, slug: str, order: NewPayment, id_: UUID, total_cents: int, now: datetime
) -> Payment:
    tenant = await find_tenant(connection, slug)
    if tenant is None:
        raise PaymentMissing(f"There is no tenant {slug}.")
    return Payment(
        id=id_,
        tenant=slug,
        state="created",
        version=1,
        reference=order.reference,
        treasury_reference=await _make_treasury_reference(connection, tenant, now),
        description=order.description,
        amount_cents=total_cents,
        currency=order.currency,
        capture=order.capture,
        language=order.language,
        return_url=order.return_url,
        expires_at=now + timedelta(seconds=lifetime_s(order)),
        created_at=now,
    )


async def _make_treasury_reference(connection: Connection, tenant: Tenant, now: datetime) -> str:
    year = now.astimezone(ZoneInfo(tenant.profile.time_zone)).year
    number = await next_treasury_number(connection)
    return kassenzeichen.make(tenant.kassenzeichen, year=year, number=number)
