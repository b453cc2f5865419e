"""`/v1/staff/clerks/{id}/calendar`: how visits come into a clerk's calendar; and the address of the feed."""

from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.params import FromPath, JSONBody

from booking.store.clerk_calendars import ClerkCalendar
from booking.usecases.choose_calendar import WhoseCalendar, choose_calendar, rotate_feed, view_calendar
from booking.usecases.once import Once
from booking.web.appointments_api import IdempotencyKey
from booking.web.staff.access import PLANNING, VISITS, by, require_staff
from booking.web.wiring import wired
from contracts.calendars import CalendarChannel
from kit.idempotency import fingerprint
from kit.requests import AnyRequest


class CalendarChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    channel: CalendarChannel
    """invite: one for each visit. digest: one mail a day. feed: an address to subscribe to, for overview alone."""


class CalendarView(msgspec.Struct, frozen=True, kw_only=True):
    clerk_id: UUID
    channel: CalendarChannel
    is_chosen: bool
    """False: what the office gives."""
    feed_url: str | None
    """A secret: who knows it reads along. Null unless the feed was chosen."""


@get("/v1/staff/clerks/{clerk_id:uuid}/calendar")
async def get_calendar(request: AnyRequest, clerk_id: FromPath[UUID]) -> CalendarView:
    """A lead for everybody, a clerk for himself or herself; so are the others."""
    return _show(request, await view_calendar(wired(request).pool, whose_calendar(request, clerk_id)))


@put("/v1/staff/clerks/{clerk_id:uuid}/calendar")
async def put_calendar(request: AnyRequest, clerk_id: FromPath[UUID], data: JSONBody[CalendarChoice]) -> CalendarView:
    """What was told by invitation goes on by invitation. A feed that is no longer chosen ends."""
    whose, wiring = whose_calendar(request, clerk_id), wired(request)
    return _show(request, await choose_calendar(wiring.pool, wiring.clock, wiring.feeds, whose, data.channel))


@post("/v1/staff/clerks/{clerk_id:uuid}/feed-rotation", status_code=200)
async def post_rotation(request: AnyRequest, clerk_id: FromPath[UUID], idempotency_key: IdempotencyKey) -> CalendarView:
    """Another address; the old one is void from then on."""
    whose, wiring = whose_calendar(request, clerk_id), wired(request)
    once = Once(f"{whose.tenant}:{whose.by.subject}:feed-rotation", idempotency_key, fingerprint(clerk_id.bytes))
    return _show(request, await rotate_feed(wiring.pool, wiring.clock, wiring.feeds, whose, once))


def whose_calendar(request: AnyRequest, clerk_id: UUID) -> WhoseCalendar:
    claims = require_staff(request, VISITS)
    leads = bool(PLANNING & set(claims.roles))
    return WhoseCalendar(tenant=claims.tenant, clerk_id=clerk_id, by=by(claims), for_others=leads)


def _show(request: AnyRequest, calendar: ClerkCalendar) -> CalendarView:
    return CalendarView(
        clerk_id=calendar.clerk_id,
        channel=calendar.channel,
        is_chosen=calendar.is_chosen,
        feed_url=wired(request).feeds.address(calendar.feed_id),
    )


routes = (get_calendar, put_calendar, post_rotation)
