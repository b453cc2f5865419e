"""`/v1/staff/statements`: the bank's own word, as camt.053."""

import msgspec
from litestar import post

from kit.requests import AnyRequest
from payment.usecases.import_statements import ImportedStatement, import_statements
from payment.web.staff.access import TREASURY, actor_of, require_staff
from payment.web.wiring import once_of, tools_of

STATEMENT_BYTES_MAX = 8 * 1024 * 1024


class Statements(msgspec.Struct, frozen=True):
    items: list[ImportedStatement]
    next_cursor: str | None = None


@post("/v1/staff/statements", tags=["treasury"], status_code=201, request_max_body_size=STATEMENT_BYTES_MAX)
async def take(request: AnyRequest) -> Statements:
    """The body is the XML, whatever its Content-Type. What was read before is named and counts once."""
    claims = require_staff(request, TREASURY)
    once = await once_of(request, f"{claims.tenant}:statements")
    content = await request.body()
    return Statements(await import_statements(tools_of(request), claims.tenant, content, once, actor_of(claims)))


routes = (take,)
