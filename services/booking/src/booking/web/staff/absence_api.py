"""`/v1/staff/absences`, `…/closings`, `…/call-list`: what the office cannot keep, planned and applied in one step."""

from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from booking.domain.closing import Closing
from booking.domain.errors import Invalid
from booking.domain.notes import NOTE_MAX, tidy_note
from booking.store.absences import Absence, list_absences
from booking.store.call_list import Call, list_calls
from booking.usecases.begin_absence import AbsenceWish, begin_absence, plan_absence
from booking.usecases.close_office import close_office, plan_closing
from booking.usecases.end_absence import end_absence
from booking.usecases.finish_call import finish_call
from booking.usecases.once import Once
from booking.usecases.replan import PlanView
from booking.web.appointments_api import IdempotencyKey
from booking.web.local_instants import all_at_place, at_place
from booking.web.staff.access import PLANNING, VISITS, by, require_staff
from booking.web.waitlist_api import WallTime
from booking.web.wiring import wired
from kit.cursor import cut
from kit.idempotency import fingerprint
from kit.requests import AnyRequest
from kit.tokens import StaffClaims

PAGE = 100
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Note = Annotated[str, msgspec.Meta(max_length=NOTE_MAX)]
Fingerprint = Annotated[str, msgspec.Meta(max_length=64)]


class NewAbsence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    clerk_id: UUID
    starts_at: Instant | None = None
    """Null: from this minute on."""
    ends_at: Instant
    note: Note = ""
    """To the citizens who are offered another time; why the clerk is away is nobody's business."""
    dry_run: bool = False
    """Only show what would become of the visits."""
    plan: Fingerprint | None = None
    """Of the look before: apply this plan or none."""


class NewClosing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    location_id: UUID | None = None
    unit_id: UUID | None = None
    day: date
    closed_from: WallTime = "00:00"
    closed_to: WallTime | None = None
    """Null: the end of the day."""
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """To the citizens who are offered another time."""
    dry_run: bool = False
    plan: Fingerprint | None = None


class CallList(msgspec.Struct, frozen=True):
    items: list[Call]
    next_cursor: str | None


class AbsenceList(msgspec.Struct, frozen=True):
    items: list[Absence]
    next_cursor: str | None


@post("/v1/staff/absences", status_code=200)
async def post_absence(request: AnyRequest, data: JSONBody[NewAbsence], idempotency_key: IdempotencyKey) -> PlanView:
    """A lead for everybody, a clerk for himself or herself."""
    claims, wiring = require_staff(request, VISITS), wired(request)
    catalogue = await wiring.catalogues.get(claims.tenant)
    wish = AbsenceWish(
        clerk_id=data.clerk_id,
        starts_at=data.starts_at,
        ends_at=data.ends_at,
        note=tidy_note(data.note),
        plan=data.plan,
    )
    pool, clock, leads = wiring.pool, wiring.clock, _leads(claims)
    if data.dry_run:
        return await plan_absence(pool, catalogue, clock, wish, by(claims), for_others=leads)
    once = Once(f"{claims.tenant}:{claims.subject}:absence", idempotency_key, fingerprint(data))
    return await begin_absence(pool, catalogue, clock, wish, by(claims), once, for_others=leads)


@get("/v1/staff/absences")
async def get_absences(
    request: AnyRequest, *, clerk: FromQuery[UUID | None] = None, cursor: FromQuery[UUID | None] = None
) -> AbsenceList:
    """What is not over and was not taken back."""
    claims, wiring = require_staff(request, VISITS), wired(request)
    async with wiring.pool.acquire() as connection:
        found = await list_absences(connection, claims.tenant, wiring.clock(), clerk, cursor, PAGE + 1)
    catalogue = await wiring.catalogues.get(claims.tenant)
    page, last = cut(found, PAGE)
    shown = all_at_place(page, catalogue.time_zone)
    return AbsenceList(shown, str(last.id) if last else None)


@post("/v1/staff/absences/{absence_id:uuid}/end", status_code=200)
async def post_end(request: AnyRequest, absence_id: FromPath[UUID]) -> Absence:
    """The time from now on is open again. Twice is once, so it needs no key."""
    claims, wiring = require_staff(request, VISITS), wired(request)
    catalogue = await wiring.catalogues.get(claims.tenant)
    ended = await end_absence(wiring.pool, catalogue, wiring.clock, absence_id, by(claims), for_others=_leads(claims))
    return at_place(ended, catalogue.time_zone)


@post("/v1/staff/closings", status_code=200)
async def post_closing(request: AnyRequest, data: JSONBody[NewClosing], idempotency_key: IdempotencyKey) -> PlanView:
    """Of a location or a unit; of the whole tenant where neither is named."""
    claims, wiring = require_staff(request, PLANNING), wired(request)
    catalogue = await wiring.catalogues.get(claims.tenant)
    reason = tidy_note(data.reason)
    if not reason:
        raise Invalid.field("reason", "expected words for the citizens")
    closing = Closing(
        location_id=data.location_id,
        unit_id=data.unit_id,
        day=data.day,
        closed_from=time.fromisoformat(data.closed_from),
        closed_to=time.fromisoformat(data.closed_to) if data.closed_to else None,
        reason=reason,
    )
    if data.dry_run:
        return await plan_closing(wiring.pool, catalogue, wiring.clock, closing)
    once = Once(f"{claims.tenant}:{claims.subject}:closing", idempotency_key, fingerprint(data))
    return await close_office(wiring.pool, catalogue, wiring.clock, closing, data.plan, by(claims), once)


@get("/v1/staff/call-list")
async def get_calls(request: AnyRequest, *, cursor: FromQuery[UUID | None] = None) -> CallList:
    """Who must be called still, the first listed first. A visit that was moved, or can be kept again, is not here."""
    claims, wiring = require_staff(request, VISITS), wired(request)
    async with wiring.pool.acquire() as connection:
        found = await list_calls(connection, claims.tenant, cursor, PAGE + 1)
    catalogue = await wiring.catalogues.get(claims.tenant)
    page, last = cut(found, PAGE)
    shown = all_at_place(page, catalogue.time_zone)
    return CallList(shown, str(last.id) if last else None)


@post("/v1/staff/call-list/{call_id:uuid}/done", status_code=204)
async def post_done(request: AnyRequest, call_id: FromPath[UUID]) -> None:
    """Somebody has spoken with the citizen. What was agreed is a call of its own: another time, or a cancellation."""
    claims, wiring = require_staff(request, VISITS), wired(request)
    await finish_call(wiring.pool, wiring.clock, claims.tenant, call_id, claims.subject)


def _leads(claims: StaffClaims) -> bool:
    return bool(PLANNING & set(claims.roles))


routes = (post_absence, get_absences, post_end, post_closing, get_calls, post_done)
