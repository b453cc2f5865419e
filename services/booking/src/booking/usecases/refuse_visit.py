"""The link "Ich kann nicht" in a clerk's mail: looking at it says what it is about, pressing its button says no."""

from datetime import datetime
from typing import Literal

import msgspec

from booking.domain.appointment import Appointment
from booking.domain.errors import Unauthorised
from booking.domain.reassigning import Refusal, is_ahead
from booking.domain.wording import worded
from booking.store.appointments import get_appointment, list_items
from booking.store.assignments import Place, find_place
from booking.store.reassign_tasks import Refused, find_refused, is_refused
from booking.usecases.ask_reassignment import ask_reassignment
from kit.clock import Clock
from kit.sql import Connection, Pool
from kit.tokens import TokenInvalid, read, sign

PURPOSE = "refuse"


class RefusalView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows: the visit, and not its citizen."""

    number: str
    start: datetime
    end: datetime
    time_zone: str
    services: tuple[str, ...]
    place: Place | None
    state: Literal["open", "refused", "over"]


def refusal_token(link_key: str, refusal: Refusal) -> str:
    return sign(link_key, PURPOSE, refusal)


def read_refusal(link_key: str, token: str) -> Refusal:
    """Raises Unauthorised."""
    try:
        return read(link_key, PURPOSE, token, Refusal)
    except TokenInvalid:
        raise Unauthorised("This link does not work (any more).") from None


async def view_refusal(pool: Pool, clock: Clock, tenant: str, refusal: Refusal, language: str) -> RefusalView:
    """Raises Unauthorised where the entry is another tenant's, or gone."""
    async with pool.acquire() as connection:
        refused = await _find(connection, tenant, refusal)
        appointment = await get_appointment(connection, tenant, refused.appointment_id)
        items = await list_items(connection, tenant, appointment.id)
        return RefusalView(
            number=appointment.number,
            start=appointment.starts_at,
            end=appointment.ends_at,
            time_zone=appointment.time_zone,
            services=tuple(worded(language, item.service, item.service_en) for item in items),
            place=await find_place(connection, tenant, appointment.id),
            state=await _state(connection, clock, refused, appointment, refusal),
        )


async def refuse_visit(pool: Pool, clock: Clock, tenant: str, refusal: Refusal) -> None:
    """A second time changes nothing. Raises Unauthorised."""
    async with pool.acquire() as connection, connection.transaction():
        await _find(connection, tenant, refusal)
        await ask_reassignment(connection, clock, refusal, "link")


async def _find(connection: Connection, tenant: str, refusal: Refusal) -> Refused:
    refused = await find_refused(connection, refusal.assignment_id)
    if refused is None or refused.tenant != tenant:
        raise Unauthorised("This link does not work (any more).")
    return refused


async def _state(
    connection: Connection, clock: Clock, refused: Refused, appointment: Appointment, refusal: Refusal
) -> Literal["open", "refused", "over"]:
    if not refused.live or refused.sequence != refusal.sequence or not is_ahead(appointment, clock()):
        return "over"
    return "refused" if await is_refused(connection, refusal) else "open"
