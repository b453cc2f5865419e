"""`/v1/staff/conflicts`: visits that stand where rules have changed."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, QueryParameter

from booking.store.conflicts import ConflictEntry, ConflictState
from booking.usecases.accept_conflict import accept_conflict
from booking.usecases.list_conflicts import list_conflicts
from booking.web.local_instants import all_at_place
from booking.web.staff.access import VISITS, require_staff
from booking.web.wiring import wired
from kit.requests import AnyRequest


class ConflictList(msgspec.Struct, frozen=True):
    items: list[ConflictEntry]
    next_cursor: str | None


@get("/v1/staff/conflicts")
async def read(
    request: AnyRequest,
    *,
    wanted: Annotated[ConflictState, QueryParameter(name="state")] = "open",
    cursor: Annotated[str | None, QueryParameter(max_length=200)] = None,
) -> ConflictList:
    claims, wiring = require_staff(request, VISITS), wired(request)
    page = await list_conflicts(wiring.pool, claims.tenant, wanted, wiring.clock(), cursor)
    catalogue = await wiring.catalogues.get(claims.tenant)
    return ConflictList(all_at_place(page.entries, catalogue.time_zone), page.next_cursor)


@post("/v1/staff/conflicts/{conflict_id:uuid}/acceptance", status_code=204)
async def accept(request: AnyRequest, conflict_id: FromPath[UUID]) -> None:
    """The visit is kept as it stands. Needs no key: a second time changes nothing."""
    claims, wiring = require_staff(request, VISITS), wired(request)
    await accept_conflict(wiring.pool, wiring.clock, claims.tenant, conflict_id, f"staff:{claims.subject}")


routes = (read, accept)
