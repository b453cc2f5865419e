"""`/v1/staff/refunds` and `/v1/staff/refund-batches`: what goes back, released by two persons, or paid by hand."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from contracts.money import Money
from kit.requests import AnyRequest
from payment.domain.refund import Refund, RefundReason, RefundState
from payment.store.refund_batches import ListedRefund, RefundBatch
from payment.usecases.refund_batches import (
    BATCH_MAX,
    BatchView,
    draw_up_batch,
    read_batches,
    read_tenants_refunds,
    release_batch,
)
from payment.usecases.transfer_refund import REFERENCE_LENGTH_MAX, transfer_refund
from payment.web.staff.access import TREASURY, require_staff
from payment.web.wiring import once_of, tools_of


class StaffRefund(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    payment_id: UUID
    treasury_reference: str
    state: RefundState
    amount: Money
    reason: RefundReason
    requested_by: str
    approved_by: list[str]
    failure: str | None
    transfer_due: bool
    """It failed, and neither another refund nor a lost dispute gave the money back: the treasury pays it by hand."""
    transfer_reference: str | None
    created_at: datetime


class StaffRefunds(msgspec.Struct, frozen=True):
    items: list[StaffRefund]
    next_cursor: UUID | None


class BatchRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without ids: every refund that is due by rule and that this person has not released yet."""

    refund_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=BATCH_MAX)] | None = None


class TransferRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reference: Annotated[str, msgspec.Meta(min_length=1, max_length=REFERENCE_LENGTH_MAX)]


class Transferred(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    payment_id: UUID
    state: RefundState
    amount: Money
    transfer_reference: str | None


class StaffBatch(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    created_by: str
    created_at: datetime
    first_released_by: str | None
    """Of a batch that the clock drew up: two persons release it."""
    first_released_at: datetime | None
    released_by: str | None
    released_at: datetime | None
    refunds: list[StaffRefund]
    total_cents: int


class Batches(msgspec.Struct, frozen=True):
    items: list[RefundBatch]
    next_cursor: UUID | None


def _view(refund: ListedRefund) -> StaffRefund:
    return StaffRefund(
        id=refund.id,
        payment_id=refund.payment_id,
        treasury_reference=refund.treasury_reference,
        state=refund.state,
        amount=Money(refund.amount_cents, refund.currency),
        reason=refund.reason,
        requested_by=refund.requested_by,
        approved_by=refund.approved_by,
        failure=refund.failure,
        transfer_due=refund.transfer_due,
        transfer_reference=refund.transfer_reference,
        created_at=refund.created_at,
    )


def _batch_view(view: BatchView) -> StaffBatch:
    return StaffBatch(
        id=view.batch.id,
        created_by=view.batch.created_by,
        created_at=view.batch.created_at,
        first_released_by=view.batch.first_released_by,
        first_released_at=view.batch.first_released_at,
        released_by=view.batch.released_by,
        released_at=view.batch.released_at,
        refunds=[_view(refund) for refund in view.refunds],
        total_cents=sum(refund.amount_cents for refund in view.refunds),
    )


def _transferred(refund: Refund) -> Transferred:
    return Transferred(
        id=refund.id,
        payment_id=refund.payment_id,
        state=refund.state,
        amount=Money(refund.amount_cents, refund.currency),
        transfer_reference=refund.transfer_reference,
    )


@get("/v1/staff/refunds", tags=["treasury"])
async def refunds(
    request: AnyRequest,
    *,
    wanted: Annotated[RefundState | None, QueryParameter(name="state")] = None,
    cursor: FromQuery[UUID | None] = None,
) -> StaffRefunds:
    """Oldest first. `requested`: what two persons have to release; `failed`: what is to be paid by hand."""
    claims = require_staff(request, TREASURY)
    found, next_cursor = await read_tenants_refunds(tools_of(request), claims.tenant, wanted, cursor)
    return StaffRefunds([_view(refund) for refund in found], next_cursor)


@post("/v1/staff/refunds/{refund_id:uuid}/manual-transfer", tags=["treasury"], status_code=200)
async def transfer(request: AnyRequest, refund_id: FromPath[UUID], data: JSONBody[TransferRequest]) -> Transferred:
    """Of a refund that failed: the treasury has paid it by hand, by a transfer of this name."""
    claims = require_staff(request, TREASURY)
    once = await once_of(request, f"{claims.tenant}:transfer:{refund_id}")
    return _transferred(await transfer_refund(tools_of(request), claims, refund_id, data.reference, once))


@get("/v1/staff/refund-batches", tags=["treasury"])
async def batches(request: AnyRequest, cursor: FromQuery[UUID | None] = None) -> Batches:
    """Newest first."""
    claims = require_staff(request, TREASURY)
    return Batches(*await read_batches(tools_of(request), claims.tenant, cursor))


@post("/v1/staff/refund-batches", tags=["treasury"], status_code=201)
async def draw_up(request: AnyRequest, data: JSONBody[BatchRequest | None] = None) -> StaffBatch:
    """The first person's release of many refunds. Without a body: of all that are due by rule."""
    claims = require_staff(request, TREASURY)
    once = await once_of(request, f"{claims.tenant}:refund-batch:{claims.subject}")
    return _batch_view(await draw_up_batch(tools_of(request), claims, data.refund_ids if data else None, once))


@post("/v1/staff/refund-batches/{batch_id:uuid}/release", tags=["treasury"], status_code=200)
async def release(request: AnyRequest, batch_id: FromPath[UUID]) -> StaffBatch:
    """The second person's: they are sent to the provider within seconds. A batch of the clock's needs two calls."""
    claims = require_staff(request, TREASURY)
    once = await once_of(request, f"{claims.tenant}:release:{batch_id}:{claims.subject}")
    return _batch_view(await release_batch(tools_of(request), claims, batch_id, once))


routes = (refunds, transfer, batches, draw_up, release)
