"""XBezahldienste's two calls about a payment: the native payment behind them is the only one there is."""

from uuid import UUID

import msgspec

from kit.ids import uuid7
from kit.sql import Connection
from payment.domain.errors import OriginatorUnknown, PaymentExists, PaymentMissing, ProviderUnavailable
from payment.domain.order import check_order
from payment.domain.transaction import order_of, transaction_of, without_path, without_person
from payment.domain.xbezahldienste import PaymentTransaction, TransactionRequest
from payment.store.attempts import find_attempt
from payment.store.ledger import find_capture_time
from payment.store.methods import list_methods
from payment.store.originators import Originator, find_originator
from payment.store.transactions import Transaction, claim_transaction, find_transaction, find_transaction_by_request
from payment.usecases.read_payment import get_payment
from payment.usecases.start_payment import create_payment
from payment.usecases.tools import Tools

BASE_PATH = "/xbezahldienste/api/v1.0.0"


class Account(msgspec.Struct, frozen=True):
    """For whom (`originator_id`) on whose behalf (`end_point_id`) a tenant's payments are made."""

    tenant: str
    originator_id: str
    end_point_id: str


async def check_ready(tools: Tools, account: Account) -> None:
    """Raises OriginatorUnknown, ProviderUnavailable."""
    async with tools.acting_for(account.tenant) as connection:
        await _get_originator(connection, account)
        if not await list_methods(connection, account.tenant):
            raise ProviderUnavailable("No way of paying is set up here.")


async def start_transaction(
    tools: Tools, account: Account, asked: TransactionRequest, actor: str
) -> PaymentTransaction:
    """The very same request again gets the same payment.

    Raises OriginatorUnknown, InvalidRequest, SumDiffers, BookingDataMissing, PaymentExists.
    """
    request = without_person(asked)
    async with tools.acting_for(account.tenant) as connection:
        originator = await _get_originator(connection, account)
        wish = order_of(request, originator.booking_data)
        wanted = _transaction(account, request)
        if await claim_transaction(connection, wanted, tools.clock()):
            order = check_order(wish, allow_loopback=tools.allow_loopback, url_field="redirectUrl")
            await create_payment(connection, tools, account.tenant, order, wanted.payment_id, actor)
            return await _view(connection, tools, wanted)
        return await _view(connection, tools, await _find_same(connection, wanted))


async def read_transaction(tools: Tools, account: Account, payment_id: UUID) -> PaymentTransaction:
    """Raises OriginatorUnknown, PaymentMissing."""
    async with tools.acting_for(account.tenant) as connection:
        await _get_originator(connection, account)
        transaction = await find_transaction(
            connection, account.tenant, account.originator_id, account.end_point_id, payment_id
        )
        if transaction is None:
            raise PaymentMissing(f"There is no transaction {payment_id} of this originator and end point.")
        return await _view(connection, tools, transaction)


async def _get_originator(connection: Connection, account: Account) -> Originator:
    originator = await find_originator(connection, account.tenant, account.originator_id)
    if originator is None or account.end_point_id not in originator.end_points:
        raise OriginatorUnknown("No such originator, or it may not charge for this end point.")
    return originator


def _transaction(account: Account, request: TransactionRequest) -> Transaction:
    return Transaction(
        tenant=account.tenant,
        originator_id=account.originator_id,
        end_point_id=account.end_point_id,
        request_id=request.request_id,
        payment_id=uuid7(),
        request=request,
    )


async def _find_same(connection: Connection, wanted: Transaction) -> Transaction:
    """Amounts are compared as numbers: 15.0 asks for the same as 15.00. Of an old one the address is cut.

    Raises PaymentExists.
    """
    known = await find_transaction_by_request(
        connection, wanted.tenant, wanted.originator_id, wanted.end_point_id, wanted.request_id
    )
    if known is None or known.request not in (wanted.request, without_path(wanted.request)):
        raise PaymentExists(f"The requestId {wanted.request_id} came before, with another request. Use a new one.")
    return known


async def _view(connection: Connection, tools: Tools, transaction: Transaction) -> PaymentTransaction:
    payment = await get_payment(connection, transaction.tenant, transaction.payment_id)
    settled = await find_attempt(connection, payment.settled_attempt_id) if payment.settled_attempt_id else None
    path = f"{transaction.originator_id}/{transaction.end_point_id}/{payment.id}"
    return transaction_of(
        payment,
        transaction.request,
        settled=settled,
        paid_at=await find_capture_time(connection, payment.tenant, payment.id),
        own_url=f"{tools.public_url}{BASE_PATH}/paymenttransaction/{path}",
        checkout_url=tools.checkout_url(payment.tenant, payment.id),
    )
