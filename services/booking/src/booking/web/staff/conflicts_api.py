"""`GET /v1/staff/conflicts`: visits that stand where rules have changed."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.params import QueryParameter

from booking.store.conflicts import ConflictEntry, ConflictState
from booking.usecases.list_conflicts import list_conflicts
from booking.web.staff.access import VISITS, require_staff
from booking.web.wiring import wired


class ConflictList(msgspec.Struct, frozen=True):
    items: list[ConflictEntry]
    next_cursor: str | None


@get("/v1/staff/conflicts")
async def read(
    request: Request[Any, Any, Any],
    *,
    wanted: Annotated[ConflictState, QueryParameter(name="state")] = "open",
    cursor: Annotated[str | None, QueryParameter(max_length=200)] = None,
) -> ConflictList:
    claims, wiring = require_staff(request, VISITS), wired(request)
    page = await list_conflicts(wiring.pool, claims.tenant, wanted, wiring.clock(), cursor)
    return ConflictList(page.entries, page.next_cursor)


routes = (read,)
