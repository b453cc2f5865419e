"""`/v1/staff/check-ins`, `/v1/staff/locations`: arrival by a scanned number, and the posters for who does it alone."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from booking.domain.attendance import check_in
from booking.domain.errors import NotFound
from booking.store.arrival import ArrivalPlace
from booking.usecases.attend_visit import attend_visit
from booking.usecases.find_place import list_places
from booking.usecases.find_visit import find_visit_by_number
from booking.usecases.view_visit import VisitDetail
from booking.web.access import once_of
from booking.web.appointments_api import IdempotencyKey
from booking.web.staff.access import RULES, VISITS, by, require_staff
from booking.web.wiring import wired
from kit.requests import AnyRequest
from kit.web.qr import qr_file


class ScannedNumber(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    """As it stands in the citizen's QR code."""


class PlaceView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    arrival_code: str
    arrival_url: str
    """What the poster's QR code says."""


class PlaceList(msgspec.Struct):
    items: list[PlaceView]
    next_cursor: None = None


@post("/v1/staff/check-ins", status_code=200)
async def post_check_in(
    request: AnyRequest, data: JSONBody[ScannedNumber], idempotency_key: IdempotencyKey
) -> VisitDetail:
    """The same as `…/check-in` of the visit that has this number."""
    claims, wiring = require_staff(request, VISITS), wired(request)
    access = await find_visit_by_number(wiring.pool, claims.tenant, data.number)
    once = once_of(access, "staff:check-ins", idempotency_key, data)
    return await attend_visit(wiring.pool, wiring.clock, access, check_in, by(claims), once=once)


@get("/v1/staff/locations")
async def get_locations(request: AnyRequest) -> PlaceList:
    claims = require_staff(request, VISITS | RULES)
    places = await list_places(wired(request).pool, claims.tenant)
    return PlaceList([_show(request, claims.tenant, place) for place in places])


@get("/v1/staff/locations/{location_id:uuid}/poster.svg", media_type="image/svg+xml")
async def get_poster(request: AnyRequest, location_id: FromPath[UUID]) -> Response[bytes]:
    """The QR code for the poster at the entrance."""
    claims = require_staff(request, VISITS)
    places = await list_places(wired(request).pool, claims.tenant)
    place = next((place for place in places if place.id == location_id), None)
    if place is None:
        raise NotFound("There is no such place.")
    return Response(qr_file(_url(request, claims.tenant, place)), media_type="image/svg+xml")


def _show(request: AnyRequest, tenant: str, place: ArrivalPlace) -> PlaceView:
    url = _url(request, tenant, place)
    return PlaceView(id=place.id, name=place.name, arrival_code=place.arrival_code, arrival_url=url)


def _url(request: AnyRequest, tenant: str, place: ArrivalPlace) -> str:
    return f"{wired(request).settings.public_url}/{tenant}/ankunft/{place.arrival_code}"


routes = (post_check_in, get_locations, get_poster)
