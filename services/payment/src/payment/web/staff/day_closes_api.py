"""`/v1/staff/day-closes`: close a day, list the closed ones, and fetch what the treasury books."""

from base64 import b64encode
from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream

from kit.requests import AnyRequest
from kit.tables import MEDIA_TYPE
from payment.domain.day_close import DayClose, Totals
from payment.domain.errors import PaymentMissing
from payment.usecases.close_day import close_day
from payment.usecases.read_day_closes import export_day_close, get_day_close, read_day_closes
from payment.web.staff.access import TREASURY, require_staff
from payment.web.wiring import once_of, tools_of

NUMBER_MAX = 2**31 - 1


class CloseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    day: date


class DayCloseView(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    day: date
    first_entry: int
    last_entry: int
    lines: int
    """Of the export, without its header: 0 for a day on which nothing was booked."""
    totals: Totals
    accepted_exceptions: int
    export_sha256: str
    closed_by: str
    closed_at: datetime


class DayCloses(msgspec.Struct, frozen=True):
    items: list[DayCloseView]
    next_cursor: int | None


def _view(close: DayClose) -> DayCloseView:
    return DayCloseView(
        number=close.number,
        day=close.day,
        first_entry=close.first_number,
        last_entry=close.last_number,
        lines=close.lines - 1,
        totals=close.totals,
        accepted_exceptions=close.accepted_exceptions,
        export_sha256=close.export_hash.hex(),
        closed_by=close.closed_by,
        closed_at=close.closed_at,
    )


@post("/v1/staff/day-closes", tags=["treasury"], status_code=201)
async def close(request: AnyRequest, data: JSONBody[CloseRequest]) -> DayCloseView:
    """409 `day_not_balanced` names what waits and how many exceptions nobody has accepted."""
    claims = require_staff(request, TREASURY)
    once = await once_of(request, f"{claims.tenant}:day-close")
    return _view(await close_day(tools_of(request), claims, data.day, once))


@get("/v1/staff/day-closes", tags=["treasury"])
async def closes(
    request: AnyRequest, *, cursor: Annotated[int | None, QueryParameter(ge=1, le=NUMBER_MAX)] = None
) -> DayCloses:
    """Newest first."""
    claims = require_staff(request, TREASURY)
    found, next_cursor = await read_day_closes(tools_of(request), claims.tenant, cursor)
    return DayCloses([_view(found_close) for found_close in found], next_cursor)


@get("/v1/staff/day-closes/{file:str}", tags=["treasury"], media_type=MEDIA_TYPE)
async def export(request: AnyRequest, file: FromPath[str]) -> Stream:
    """`{number}.csv`: byte for byte the same for ever; `Repr-Digest` holds its SHA-256."""
    claims, tools = require_staff(request, TREASURY), tools_of(request)
    number = _number_of(file)
    found = await get_day_close(tools, claims.tenant, number)
    return Stream(
        export_day_close(tools, claims.tenant, number),
        media_type=MEDIA_TYPE,
        headers={
            "Content-Disposition": f'attachment; filename="tagesabschluss-{claims.tenant}-{number}-{found.day}.csv"',
            "Repr-Digest": f"sha-256=:{b64encode(found.export_hash).decode()}:",
        },
    )


def _number_of(file: str) -> int:
    """Raises PaymentMissing."""
    digits = file.removesuffix(".csv")
    is_number = file.endswith(".csv") and digits.isascii() and digits.isdigit() and len(digits) <= 9
    if not is_number:
        raise PaymentMissing("A day's export is called by its number: 7.csv.")
    return int(digits)


routes = (close, closes, export)
