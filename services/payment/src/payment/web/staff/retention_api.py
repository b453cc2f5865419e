"""`/v1/staff/retention-log`: what was deleted when, in numbers."""

from typing import Annotated

import msgspec
from litestar import get
from litestar.params import QueryParameter

from kit.requests import AnyRequest
from payment.store.leftovers import RetentionEntry
from payment.usecases.sweep_leftovers import read_retention_log
from payment.web.staff.access import ADMINISTRATION, require_staff
from payment.web.wiring import tools_of


class RetentionLog(msgspec.Struct, frozen=True):
    items: list[RetentionEntry]
    next_cursor: int | None


@get("/v1/staff/retention-log", tags=["administration"])
async def show(
    request: AnyRequest,
    cursor: Annotated[int | None, QueryParameter(ge=1, le=2**63 - 1)] = None,
) -> RetentionLog:
    """Newest first; `before`: what was older went."""
    claims = require_staff(request, ADMINISTRATION)
    return RetentionLog(*await read_retention_log(tools_of(request), claims.tenant, cursor))


routes = (show,)
