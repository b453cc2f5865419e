"""A clerk gives the address of the own calendar, published or with an account that reads it, or takes it back."""

from zoneinfo import ZoneInfo

import msgspec
from cryptography.fernet import Fernet

from booking.clients.caldav import Login
from booking.domain.busy import touched_runs
from booking.domain.errors import Conflict, Forbidden, NotFound
from booking.domain.webhook import check_url
from booking.store.absences import find_clerk_lanes
from booking.store.busy_times import BusyStatus, delete_source, find_status, list_busy_times, save_source
from booking.store.profile import get_profile
from booking.store.rules import lock_rules
from booking.usecases.choose_calendar import WhoseCalendar
from booking.usecases.rebuild_masks import rebuild_lanes
from kit.clock import Clock
from kit.sql import Connection, Pool

WEBCAL = "webcal://"
"""As https: it only tells a browser which program to open."""


async def view_busy(pool: Pool, whose: WhoseCalendar) -> BusyStatus:
    """Raises NotFound, Forbidden."""
    async with pool.acquire() as connection:
        return await _status(connection, whose)


async def connect_calendar(
    pool: Pool,
    clock: Clock,
    key: Fernet | None,
    whose: WhoseCalendar,
    address: str,
    login: Login | None,
    *,
    allow_loopback: bool,
) -> BusyStatus:
    """With a login it is a CalDAV collection. Read by the worker in a moment.

    Raises NotFound, Forbidden, Invalid, Conflict.
    """
    if key is None:
        raise Conflict("Own calendars are not set up here: the service has no CALENDARS_KEY.")
    if address.startswith(WEBCAL):
        address = "https://" + address.removeprefix(WEBCAL)
    check_url(address, allow_loopback=allow_loopback, field="address")
    by = whose.by.subject or whose.by.actor
    hidden = key.encrypt(address.encode())
    hidden_login = key.encrypt(msgspec.json.encode(login)) if login else None
    async with pool.acquire() as connection, connection.transaction():
        await _status(connection, whose)
        await save_source(connection, whose.tenant, whose.clerk_id, hidden, hidden_login, by, clock())
        return await _status(connection, whose)


async def disconnect_calendar(pool: Pool, clock: Clock, whose: WhoseCalendar) -> None:
    """Its times are open again. Twice is once. Raises NotFound, Forbidden."""
    async with pool.acquire() as connection, connection.transaction():
        await lock_rules(connection, whose.tenant)
        await _status(connection, whose)
        before = await list_busy_times(connection, whose.clerk_id)
        await delete_source(connection, whose.tenant, whose.clerk_id)
        lanes = await find_clerk_lanes(connection, whose.tenant, whose.clerk_id)
        assert lanes is not None
        zone = ZoneInfo((await get_profile(connection, whose.tenant)).time_zone)
        for first_day, last_day in touched_runs(before, [], zone):
            await rebuild_lanes(connection, whose.tenant, lanes.lane_ids, first_day, last_day, clock())


async def _status(connection: Connection, whose: WhoseCalendar) -> BusyStatus:
    status = await find_status(connection, whose.tenant, whose.clerk_id)
    if status is None:
        raise NotFound("There is no such clerk.")
    if not whose.for_others and (status.subject is None or status.subject != whose.by.subject):
        raise Forbidden("Clerks choose for themselves; for others it needs the role lead.")
    return status
