"""The person of an appointment is forgotten: because its time is over, or because somebody asked for it.

Person, links and words go; a row in the log says so; the event makes the others forget too. What is still to take place
is cancelled first, in the same transaction: the slot is free, the money goes back, the clerk is told without a name.
"""

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from booking.domain.appointment import LIVE, Appointment, By
from booking.domain.change import cancel
from booking.domain.erasure import Cutoffs, Rule, cutoffs, erase, is_over, rule_for
from booking.domain.errors import BookingError
from booking.domain.rebooking import decline_rebooking
from booking.store.appointments import get_appointment, lock_appointment
from booking.store.catalogue import list_tenants
from booking.store.contacts import find_contact
from booking.store.deadlines import get_deadlines
from booking.store.erasure import delete_person, insert_deletion, list_due, was_erased
from booking.usecases.once import Once, claim_once, find_once, finish_once
from booking.usecases.record import record
from booking.usecases.view_appointment import Access
from contracts.booking import AppointmentState
from contracts.tenant import TenantProfile
from kit.clock import Clock
from kit.sql import Connection, Pool

log = logging.getLogger(__name__)

BATCH = 100


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """The answer, as it is also stored for a repeated request: it names nobody."""

    was_cancelled: bool
    """It was still to take place."""
    at: datetime


async def erase_appointment(pool: Pool, clock: Clock, access: Access, by: By, *, once: Once | None = None) -> Erasure:
    """At once, for whoever asks. A second time changes nothing. Raises TooLate, Conflict, NotFound, KeyReused."""
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        known = await claim_once(connection, once, Erasure) if once else None
        if known is None:
            known = await _erase_on_request(connection, clock(), appointment, by)
            if once:
                await finish_once(connection, once, known)
        return known


async def find_erasure(pool: Pool, once: Once) -> Erasure | None:
    """What the same request was answered before: with the person, its link is gone too. Raises KeyReused."""
    async with pool.acquire() as connection:
        return await find_once(connection, once, Erasure)


async def find_erased(pool: Pool, access: Access) -> AppointmentState | None:
    """The state in which it was left, for a form that is sent twice: with the person, the browser's link is gone."""
    async with pool.acquire() as connection:
        if not await was_erased(connection, access.appointment_id):
            return None
        return (await get_appointment(connection, access.tenant, access.appointment_id)).state


async def _erase_on_request(connection: Connection, now: datetime, appointment: Appointment, by: By) -> Erasure:
    at = now.astimezone(ZoneInfo(appointment.time_zone))
    if await was_erased(connection, appointment.id):
        return Erasure(was_cancelled=False, at=at)
    is_live = appointment.state in LIVE and not is_over(appointment, now)
    if is_live:
        deadlines = await get_deadlines(connection, appointment.tenant, appointment.id)
        appointment = await record(connection, cancel(appointment, now, deadlines, by))
    elif appointment.rebook_until is not None:
        appointment = await record(connection, decline_rebooking(appointment, now, by))
    await _erase(connection, now, appointment, "request", by)
    return Erasure(was_cancelled=is_live, at=at)


async def _erase(connection: Connection, now: datetime, appointment: Appointment, rule: Rule, by: By) -> None:
    decision = erase(appointment, now, by)
    await record(connection, decision)
    counts = await delete_person(connection, appointment.tenant, appointment.id)
    await insert_deletion(connection, appointment.tenant, appointment.id, rule, decision.signature, now, counts)


async def erase_due(pool: Pool, clock: Clock) -> None:
    """The worker's step: all that is due at all tenants, in batches."""
    async with pool.acquire() as connection:
        tenants = await list_tenants(connection)
    for profile in tenants:
        while await _erase_batch(pool, clock(), profile):
            pass


async def _erase_batch(pool: Pool, now: datetime, profile: TenantProfile) -> int:
    """How many were erased; one that fails keeps no other."""
    dates = cutoffs(now, profile.time_zone, profile.retention_days)
    async with pool.acquire() as connection:
        due = await list_due(connection, profile.slug, dates, now, BATCH)
    erased = 0
    for appointment_id in due:
        try:
            erased += await _erase_if_due(pool, now, Access(profile.slug, appointment_id), dates)
        except BookingError:
            log.exception("not erased", extra={"appointment_id": str(appointment_id)})
    return erased


async def _erase_if_due(pool: Pool, now: datetime, access: Access, dates: Cutoffs) -> bool:
    async with pool.acquire() as connection, connection.transaction():
        appointment = await lock_appointment(connection, access.tenant, access.appointment_id)
        contact = await find_contact(connection, access.tenant, access.appointment_id)
        is_bound = contact is not None and contact.bound_at is not None
        rule = rule_for(appointment, is_bound=is_bound, dates=dates, now=now)
        if contact is None or rule is None:  # somebody was quicker, or it moved
            return False
        await _erase(connection, now, appointment, rule, By("clock"))
        return True
