"""`GET /v1/tenants/{tenant}/search`: services, locations and the public functions of clerks, best first."""

from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import get
from litestar.params import FromPath, QueryParameter

from booking.domain.search_entries import Kind
from booking.usecases.search_catalogue import QUERY_MAX, search_everything
from booking.usecases.search_elsewhere import search_elsewhere
from booking.web.views import PlaceView, ServiceView, show_place, show_service
from booking.web.wiring import wired
from kit.requests import AnyRequest


class FoundView(msgspec.Struct, kw_only=True):
    kind: Kind
    id: UUID
    name: str
    """A service's, a location's, or what a clerk does."""
    service: ServiceView | None
    place: PlaceView | None
    """The location, or where a function is to be found."""
    unit: str | None
    """Of a function."""
    clerk: str | None
    """Only where the tenant publishes its clerks' names."""


class ElsewhereView(msgspec.Struct, frozen=True):
    tenant: str
    tenant_name: str
    service_id: UUID
    name: str


class FoundList(msgspec.Struct):
    items: list[FoundView]
    elsewhere: list[ElsewhereView]
    """What fits better and is done by the county, or by its towns: a few services, or one of each town."""
    next_cursor: None = None


@get("/v1/tenants/{tenant:str}/search")
async def get_search(
    request: AnyRequest,
    tenant: FromPath[str],
    *,
    q: Annotated[str, QueryParameter(name="q", min_length=1, max_length=QUERY_MAX)],
) -> FoundList:
    """At most fifty: who needs more types another letter."""
    wiring = wired(request)
    catalogue = await wiring.catalogues.get(tenant)
    today = wiring.clock().astimezone(ZoneInfo(catalogue.time_zone)).date()
    everything = await search_everything(wiring.pool, catalogue, q)
    rank_here = everything[0].rank if everything else None
    elsewhere = await search_elsewhere(wiring.pool, catalogue, q, rank_here)
    items = []
    for found in everything:
        service = catalogue.services.get(found.id)
        location = catalogue.locations.get(found.location_id) if found.location_id else None
        items.append(
            FoundView(
                kind=found.kind,
                id=found.id,
                name=found.name,
                service=show_service(catalogue, service, today) if service else None,
                place=show_place(location, None) if location else None,
                unit=found.unit or None,
                clerk=found.clerk,
            )
        )
    return FoundList(items, [ElsewhereView(*one) for one in elsewhere])


routes = (get_search,)
