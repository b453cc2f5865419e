"""A treasurer closes a day: nothing waits, every exception is accepted, and what is exported stays as it is."""

import hashlib
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kit.sql import Connection
from kit.tables import BYTE_ORDER_MARK, csv_line
from kit.tokens import StaffClaims
from payment.domain.day_close import HEADER, DayClose, Totals, rows_of
from payment.domain.errors import DayNotBalanced, IllegalMove, InvalidRequest, PaymentMissing
from payment.domain.ledger_chain import LedgerEnd
from payment.store.day_closes import (
    count_accepted,
    each_posting,
    find_end_before,
    find_first_booking,
    find_last_close,
    find_waiting,
    insert_close,
    insert_lines,
    note_exported_fees,
)
from payment.store.exceptions import count_open_exceptions
from payment.store.open_items import lock_reconciliation
from payment.store.tenants import find_tenant
from payment.usecases.once import Once, begin_as, finish_as
from payment.usecases.reconcile_accounts import match_tenant
from payment.usecases.tools import Tools

AT_ONCE = 500
"""Lines that are held in memory."""


async def close_day(tools: Tools, treasurer: StaffClaims, day: date, once: Once) -> DayClose:
    """Raises InvalidRequest, IllegalMove, DayNotBalanced, KeyReused."""
    tenant = treasurer.tenant
    await match_tenant(tools, tenant)
    async with tools.acting_for(tenant) as connection:
        stored = await begin_as(connection, once, DayClose)
        if stored:
            return stored
        await lock_reconciliation(connection, tenant)
        zone = await _zone(connection, tenant)
        now = tools.clock()
        if day > now.astimezone(zone).date():
            raise InvalidRequest(("day", "lies ahead"))
        last = await find_last_close(connection, tenant)
        first_number = last.last_number + 1 if last else 1
        await _check_order(connection, tenant, last, day, zone)
        end = await find_end_before(connection, tenant, first_number, _begin_of(day + timedelta(days=1), zone))
        await _check_balance(connection, tenant, first_number, end.number, day)
        close = await _write(connection, treasurer, last, day, end, zone, now)
        await finish_as(connection, once, close)
        return close


async def _zone(connection: Connection, tenant: str) -> ZoneInfo:
    town = await find_tenant(connection, tenant)
    if town is None:
        raise PaymentMissing(f"There is no tenant {tenant}.")
    return ZoneInfo(town.profile.time_zone)


def _begin_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


async def _check_order(connection: Connection, tenant: str, last: DayClose | None, day: date, zone: ZoneInfo) -> None:
    """A day on which something was booked is not passed over. Raises IllegalMove."""
    if last and day <= last.day:
        raise IllegalMove(f"{last.day} was closed with number {last.number}: only a later day can be closed.")
    not_before = _begin_of(last.day + timedelta(days=1), zone) if last else None
    booked_at = await find_first_booking(connection, tenant, last.last_number + 1 if last else 1, not_before)
    if booked_at and booked_at.astimezone(zone).date() < day:
        raise IllegalMove(f"{booked_at.astimezone(zone).date()} has bookings and must be closed first.")


async def _check_balance(connection: Connection, tenant: str, first: int, end: int, day: date) -> None:
    """Raises DayNotBalanced."""
    errors = []
    if exceptions := await count_open_exceptions(connection, tenant, day):
        errors.append(("exceptions", f"{exceptions} are open: accept each, or let it resolve"))
    waiting = await find_waiting(connection, tenant, first, end)
    if waiting.entries:
        errors.append(("entries", f"{waiting.entries} are not followed to the bank yet, the first is {waiting.first}"))
    if errors:
        raise DayNotBalanced(f"{day} cannot be closed yet.", errors)


async def _write(
    connection: Connection,
    treasurer: StaffClaims,
    last: DayClose | None,
    day: date,
    end: LedgerEnd,
    zone: ZoneInfo,
    now: datetime,
) -> DayClose:
    tenant, number = treasurer.tenant, last.number + 1 if last else 1
    first_number = last.last_number + 1 if last else 1
    export = Export(connection, tenant, number)
    await export.write(first_number, end.number, zone.key)
    await note_exported_fees(connection, tenant, number, first_number, end.number)
    close = DayClose(
        number=number,
        day=day,
        first_number=first_number,
        last_number=end.number,
        ledger_hash=end.hash,
        lines=export.count,
        totals=export.totals,
        accepted_exceptions=await count_accepted(connection, tenant, last.closed_at if last else None),
        export_hash=export.digest.digest(),
        closed_by=f"staff:{treasurer.subject}",
        closed_at=now,
    )
    await insert_close(connection, tenant, close)
    return close


class Export:
    """Writes the lines as it reads the ledger, some hundreds at once, and sums up what it wrote."""

    def __init__(self, connection: Connection, tenant: str, number: int) -> None:
        self._connection = connection
        self._tenant = tenant
        self._number = number
        self.digest = hashlib.sha256()
        self.totals = Totals()
        self.count = 0

    async def write(self, first_number: int, last_number: int, time_zone: str) -> None:
        lines = [BYTE_ORDER_MARK + csv_line(HEADER)]
        async for line in self._each_line(first_number, last_number, time_zone):
            lines.append(line)
            if len(lines) == AT_ONCE:
                await self._insert(lines)
                lines = []
        await self._insert(lines)

    async def _each_line(self, first_number: int, last_number: int, time_zone: str) -> AsyncIterator[str]:
        async for posting in each_posting(self._connection, self._tenant, first_number, last_number, time_zone):
            self.totals = self.totals.plus(posting)
            for row in rows_of(posting):
                yield csv_line(row)

    async def _insert(self, lines: list[str]) -> None:
        await insert_lines(self._connection, self._tenant, self._number, self.count, lines)
        self.digest.update("".join(lines).encode())
        self.count += len(lines)
