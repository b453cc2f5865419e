"""`/v1/tenants…`: who offers what, who is responsible, and when there is time."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from booking.domain.catalogue import Catalogue, Channel, RequestedItem, VisitPlan, plan_visit
from booking.domain.errors import Invalid
from booking.domain.responsibility import ResponsibilityClaims, find_responsibility
from booking.store.catalogue import list_tenants
from booking.usecases.find_times import FreeTimes, days_to_list, find_times
from booking.usecases.search_services import search_services
from booking.web.views import ServiceList, TenantList, show_service, show_tenant
from booking.web.wiring import Wiring, wired
from kit.tokens import TokenInvalid, read, sign

_encode = msgspec.json.Encoder().encode
_RESPONSIBILITY = "responsibility"


@get("/v1/tenants")
async def get_tenants(request: Request[Any, Any, Any]) -> TenantList:
    async with wired(request).pool.acquire() as connection:
        return TenantList([show_tenant(profile) for profile in await list_tenants(connection)])


@get("/v1/tenants/{tenant:str}/services")
async def get_services(
    request: Request[Any, Any, Any],
    tenant: FromPath[str],
    *,
    q: FromQuery[str] = "",
    letter: FromQuery[str | None] = None,
    life_situation: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
) -> ServiceList:
    wiring = wired(request)
    catalogue = await wiring.catalogues.get(tenant)
    page = await search_services(
        wiring.pool, catalogue, query=q, letter=letter, life_situation=life_situation, cursor=cursor
    )
    today = wiring.clock().astimezone(ZoneInfo(catalogue.time_zone)).date()
    return ServiceList([show_service(catalogue, service, today) for service in page.services], page.next_cursor)


class ResponsibilityQuestion(msgspec.Struct, forbid_unknown_fields=True):
    """A person's data stand in a body, never in a URL."""

    service_ids: list[UUID]
    surname: str | None = None
    postcode: str | None = None
    street: str | None = None
    house_number: str | None = None


class ResponsibilityAnswer(msgspec.Struct):
    asks: list[str]
    """What is still needed to know it."""
    responsibility: str | None
    """Opaque; for availability and for the appointment."""
    unit: str
    why: str
    clerk: str | None = None


@post("/v1/tenants/{tenant:str}/responsibility", status_code=200)
async def post_responsibility(
    request: Request[Any, Any, Any], tenant: FromPath[str], data: JSONBody[ResponsibilityQuestion]
) -> ResponsibilityAnswer:
    wiring = wired(request)
    catalogue = await wiring.catalogues.get(tenant)
    plans = plan_visit(catalogue, [RequestedItem(service_id) for service_id in data.service_ids])
    found = find_responsibility(catalogue, plans)
    token = sign(wiring.settings.link_key, _RESPONSIBILITY, ResponsibilityClaims(tenant, found.unit_id))
    return ResponsibilityAnswer(asks=[], responsibility=token, unit=found.unit, why=found.why)


def unit_of_token(wiring: Wiring, tenant: str, token: str | None) -> UUID | None:
    """The unit that a responsibility token names. Raises Invalid."""
    if token is None:
        return None
    try:
        claims = read(wiring.settings.link_key, _RESPONSIBILITY, token, ResponsibilityClaims)
    except TokenInvalid:
        claims = None
    if claims is None or claims.tenant != tenant:
        raise Invalid.field("responsibility", "expected a token from POST …/responsibility of this tenant")
    return claims.unit_id


@get("/v1/tenants/{tenant:str}/availability")
async def get_availability(
    request: Request[Any, Any, Any],
    tenant: FromPath[str],
    *,
    items: FromQuery[str],
    first_day: Annotated[str | None, QueryParameter(name="from")] = None,
    days: FromQuery[int] = 30,
    location: FromQuery[UUID | None] = None,
    channel: FromQuery[Channel] = "on_site",
    responsibility: FromQuery[str | None] = None,
) -> Response[bytes]:
    """`items` is ID:QUANTITY, several joined by commas. The list may be a second old: keeping decides."""
    wiring = wired(request)

    async def make() -> bytes:
        catalogue = await wiring.catalogues.get(tenant)
        unit_id = unit_of_token(wiring, tenant, responsibility)
        plans = _plans(catalogue, items, location, channel, unit_id)
        now = wiring.clock()
        times = await find_times(wiring.pool, tenant, plans, days_to_list(plans, _parse_day(first_day), days, now), now)
        return encode_times(times)

    key = f"{tenant}?{items}&{first_day}&{days}&{location}&{channel}&{responsibility}"
    return Response(await wiring.lists.get(key, make), media_type="application/json")


def encode_times(times: FreeTimes) -> bytes:
    return _encode(times)


def _plans(
    catalogue: Catalogue, items: str, location: UUID | None, channel: Channel, unit_id: UUID | None
) -> list[VisitPlan]:
    requested = parse_items(items)
    return plan_visit(catalogue, requested, location_id=location, channel=channel, unit_id=unit_id)


def _parse_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid.field("from", "expected a day such as 2026-11-24") from None


def parse_items(text: str) -> list[RequestedItem]:
    """ID:QTY,ID:QTY. Raises Invalid."""
    return [_parse_item(part, index) for index, part in enumerate(text.split(","))]


def _parse_item(text: str, index: int) -> RequestedItem:
    id_, _, quantity = text.partition(":")
    try:
        return RequestedItem(UUID(id_), int(quantity or "1"))
    except ValueError:
        raise Invalid.field(f"items[{index}]", "expected SERVICE_ID:QUANTITY") from None


routes = (get_tenants, get_services, post_responsibility, get_availability)
