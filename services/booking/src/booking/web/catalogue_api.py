"""`/v1/tenants…`: who offers what, and when there is time."""

from datetime import date
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from booking.domain.catalogue import Channel
from booking.domain.errors import Invalid
from booking.domain.responsible_lanes import responsible_plans
from booking.domain.visit_plan import RequestedItem, plan_visit
from booking.store.catalogue import list_tenants
from booking.usecases.find_times import FreeTimes, days_to_list, find_times
from booking.usecases.search_catalogue import search_services
from booking.web.responsibility_api import read_claims
from booking.web.views import ServiceList, TenantList, show_service, show_tenant
from booking.web.wiring import wired
from kit.requests import AnyRequest

_encode = msgspec.json.Encoder().encode


@get("/v1/tenants")
async def get_tenants(request: AnyRequest) -> TenantList:
    async with wired(request).pool.acquire() as connection:
        return TenantList([show_tenant(profile) for profile in await list_tenants(connection)])


@get("/v1/tenants/{tenant:str}/services")
async def get_services(
    request: AnyRequest,
    tenant: FromPath[str],
    *,
    q: FromQuery[str] = "",
    letter: FromQuery[str | None] = None,
    life_situation: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
) -> ServiceList:
    wiring = wired(request)
    catalogue = await wiring.catalogues.get_public(tenant)
    page = await search_services(
        wiring.pool, catalogue, query=q, letter=letter, life_situation=life_situation, cursor=cursor
    )
    today = wiring.clock().astimezone(ZoneInfo(catalogue.time_zone)).date()
    return ServiceList([show_service(catalogue, service, today) for service in page.services], page.next_cursor)


@get("/v1/tenants/{tenant:str}/availability")
async def get_availability(
    request: AnyRequest,
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
        catalogue = await wiring.catalogues.get_public(tenant)
        plans = plan_visit(catalogue, parse_items(items), location_id=location, channel=channel)
        plans = responsible_plans(catalogue, plans, read_claims(wiring, tenant, responsibility))
        now = wiring.clock()
        times = await find_times(
            wiring.pool, tenant, plans, days_to_list(plans, parse_day("from", first_day), days, now), now
        )
        return encode_times(times)

    key = f"{tenant}?{items}&{first_day}&{days}&{location}&{channel}&{responsibility}"
    return Response(await wiring.lists.get(key, make), media_type="application/json")


def encode_times(times: FreeTimes) -> bytes:
    return _encode(times)


def parse_day(field: str, text: str | None) -> date | None:
    """Raises Invalid."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid.field(field, "expected a day such as 2026-11-24") from None


def parse_items(text: str) -> list[RequestedItem]:
    """ID:QTY,ID:QTY. Raises Invalid."""
    return [_parse_item(part, index) for index, part in enumerate(text.split(","))]


def _parse_item(text: str, index: int) -> RequestedItem:
    id_, _, quantity = text.partition(":")
    try:
        return RequestedItem(UUID(id_), int(quantity or "1"))
    except ValueError:
        raise Invalid.field(f"items[{index}]", "expected SERVICE_ID:QUANTITY") from None


routes = (get_tenants, get_services, get_availability)
