"""`/v1/staff/clerks/{id}/busy-calendar`: a clerk's own calendar. Its times are not offered, its address is not told."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, put
from litestar.params import FromPath, JSONBody

from booking.clients.caldav import Login
from booking.store.busy_times import BusyStatus
from booking.usecases.connect_calendar import connect_calendar, disconnect_calendar, view_busy
from booking.web.staff.calendars_api import whose_calendar
from booking.web.wiring import wired
from kit.requests import AnyRequest


class BusyLogin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of the clerk, or of the house for all its clerks, as the calendar's server knows it. Told in no answer."""

    user: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^:\x00-\x1f\x7f]+$")]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]


class BusyAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    """As Outlook, Google and others publish a calendar: https or webcal. A secret."""
    login: BusyLogin | None = None
    """With it the address is that of a CalDAV collection."""


class BusyView(msgspec.Struct, frozen=True, kw_only=True):
    clerk_id: UUID
    is_connected: bool
    has_login: bool
    """It is a CalDAV collection, read with an account."""
    read_at: datetime | None
    """The known times are as of then; null before the first reading."""
    failing_since: datetime | None
    """Since then it could not be read, and the last known times stand."""
    cause: str | None
    busy_count: int
    """How many spans of time are known; nothing else of the calendar is kept."""


@get("/v1/staff/clerks/{clerk_id:uuid}/busy-calendar")
async def get_busy(request: AnyRequest, clerk_id: FromPath[UUID]) -> BusyView:
    """A lead for everybody, a clerk for himself or herself; so are the others."""
    return _show(await view_busy(wired(request).pool, whose_calendar(request, clerk_id)))


@put("/v1/staff/clerks/{clerk_id:uuid}/busy-calendar")
async def put_busy(request: AnyRequest, clerk_id: FromPath[UUID], data: JSONBody[BusyAddress]) -> BusyView:
    """Read within seconds, then every few minutes. Visits that are booked already where the clerk is busy are listed as
    conflicts.
    """
    wiring = wired(request)
    status = await connect_calendar(
        wiring.pool,
        wiring.clock,
        wiring.settings.calendars_cipher,
        whose_calendar(request, clerk_id),
        data.address,
        Login(data.login.user, data.login.password) if data.login else None,
        allow_loopback=wiring.settings.allow_loopback,
    )
    return _show(status)


@delete("/v1/staff/clerks/{clerk_id:uuid}/busy-calendar")
async def delete_busy(request: AnyRequest, clerk_id: FromPath[UUID]) -> None:
    """Its times are open again."""
    wiring = wired(request)
    await disconnect_calendar(wiring.pool, wiring.clock, whose_calendar(request, clerk_id))


def _show(status: BusyStatus) -> BusyView:
    return BusyView(
        clerk_id=status.clerk_id,
        is_connected=status.is_connected,
        has_login=status.has_login,
        read_at=status.read_at,
        failing_since=status.failing_since,
        cause=status.cause,
        busy_count=status.busy_count,
    )


routes = (get_busy, put_busy, delete_busy)
