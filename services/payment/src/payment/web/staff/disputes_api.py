"""`/v1/staff/disputes`: what payers call back, and until when the provider takes an answer."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromQuery, QueryParameter

from contracts.money import Money
from kit.cursor import cut
from kit.requests import AnyRequest
from payment.domain.attempt import Provider
from payment.domain.dispute import DisputeState
from payment.store.disputes import DisputeRow
from payment.usecases.list_disputes import list_disputes
from payment.web.staff.access import REVIEW, require_staff
from payment.web.wiring import tools_of

PAGE = 50


class DisputeView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    payment_id: UUID
    treasury_reference: str
    state: DisputeState
    amount: Money
    provider: Provider
    provider_dispute_id: str
    reason: str
    """The provider's word."""
    charged_back: Money | None
    """Once lost: what the payer got back. The ledger has it."""
    fee: Money
    """What the provider charges for it, where its dispute names that."""
    respond_by: datetime | None
    """Until when the provider takes evidence, at its own desk."""
    opened_at: datetime
    closed_at: datetime | None


class Disputes(msgspec.Struct, frozen=True):
    items: list[DisputeView]
    next_cursor: UUID | None


@get("/v1/staff/disputes", tags=["treasury"])
async def disputes(
    request: AnyRequest,
    *,
    wanted: Annotated[DisputeState | None, QueryParameter(name="state")] = None,
    cursor: FromQuery[UUID | None] = None,
) -> Disputes:
    """The newest first."""
    claims = require_staff(request, REVIEW)
    rows = await list_disputes(tools_of(request), claims.tenant, wanted, cursor, PAGE + 1)
    page, last = cut(rows, PAGE)
    return Disputes([_view(row) for row in page], last.id if last else None)


def _view(row: DisputeRow) -> DisputeView:
    return DisputeView(
        id=row.id,
        payment_id=row.payment_id,
        treasury_reference=row.treasury_reference,
        state=row.state,
        amount=Money(row.amount_cents, row.currency),
        provider=row.provider,
        provider_dispute_id=row.provider_dispute_id,
        reason=row.reason,
        charged_back=Money(row.lost_cents, row.currency) if row.state == "lost" else None,
        fee=Money(row.fee_cents, row.currency),
        respond_by=row.respond_by,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )


routes = (disputes,)
