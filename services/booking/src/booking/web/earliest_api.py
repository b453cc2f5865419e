"""The earliest times: of one tenant's places, and of a whole county's."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from booking.domain.catalogue import Channel
from booking.domain.responsible_lanes import responsible_plans
from booking.domain.visit_plan import plan_visit
from booking.usecases.find_anywhere import Anywhere, find_anywhere, wanted
from booking.usecases.find_earliest import Asked, EarliestTime, find_earliest
from booking.web.catalogue_api import parse_items
from booking.web.pages.choice import choice_of
from booking.web.pages.visit import query
from booking.web.responsibility_api import read_claims
from booking.web.views import PlaceView, show_place
from booking.web.wiring import Wiring, wired
from kit.requests import AnyRequest

_encode = msgspec.json.Encoder().encode

Limit = Annotated[int, QueryParameter(ge=1, le=100)]


class TenantName(msgspec.Struct):
    slug: str
    name: str


class ServiceName(msgspec.Struct):
    id: UUID
    name: str


class EarliestView(msgspec.Struct, kw_only=True):
    tenant: TenantName
    services: list[ServiceName]
    location: PlaceView
    start: datetime
    end: datetime
    duration_min: int
    channel: Channel
    link: str
    """The page on which it is booked."""


class EarliestList(msgspec.Struct):
    items: list[EarliestView]
    """One for each place, the soonest first."""
    next_cursor: None = None


@get("/v1/tenants/{tenant:str}/earliest")
async def get_earliest(
    request: AnyRequest,
    tenant: FromPath[str],
    *,
    items: FromQuery[str],
    channel: FromQuery[Channel] = "on_site",
    responsibility: FromQuery[str | None] = None,
    limit: Limit = 10,
) -> Response[EarliestList]:
    """Over all of the tenant's locations. `items` as for availability; the answer may be a second old."""
    wiring = wired(request)

    async def make() -> bytes:
        catalogue = await wiring.catalogues.get_public(tenant)
        plans = plan_visit(catalogue, parse_items(items), channel=channel)
        plans = responsible_plans(catalogue, plans, read_claims(wiring, tenant, responsibility))
        found = await find_earliest(wiring.pool, [Asked(tenant, plan) for plan in plans], wiring.clock())
        name = (await request.app.state.tenants.get(tenant))[1].name
        return _encode(_show(wiring, ((name, each) for each in found[:limit]), responsibility))

    key = f"earliest:{tenant}?{items}&{channel}&{responsibility}&{limit}"
    return _answer(await wiring.lists.get(key, make))


@get("/v1/earliest")
async def get_earliest_anywhere(
    request: AnyRequest,
    *,
    service: Annotated[str, QueryParameter(min_length=1, max_length=200, description="A LeiKa key, or a name.")],
    quantity: Annotated[int, QueryParameter(ge=1, le=20)] = 1,
    channel: FromQuery[Channel] = "on_site",
    ars: Annotated[str, QueryParameter(pattern="^[0-9]{0,12}$", description="How the tenants' keys begin.")] = "",
    limit: Limit = 10,
) -> Response[EarliestList]:
    """Over all tenants that offer the service. The answer may be a second old."""
    wiring = wired(request)

    async def make() -> bytes:
        wish = Anywhere(services=[wanted(service, quantity)], channel=channel, ars=ars)
        found = await find_anywhere(wiring.pool, wiring.catalogues, wish, wiring.clock())
        return _encode(_show(wiring, found[:limit]))

    return _answer(await wiring.lists.get(f"earliest?{service}&{quantity}&{channel}&{ars}&{limit}", make))


def _answer(body: bytes) -> Response[Any]:
    return Response(body, media_type="application/json")


def _show(wiring: Wiring, found: Iterable[tuple[str, EarliestTime]], responsibility: str | None = None) -> EarliestList:
    return EarliestList([_view(wiring, name, each, responsibility) for name, each in found])


def _view(wiring: Wiring, tenant_name: str, found: EarliestTime, responsibility: str | None) -> EarliestView:
    tenant, plan = found.asked
    return EarliestView(
        tenant=TenantName(tenant, tenant_name),
        services=[ServiceName(part.service.id, part.service.name) for part in plan.items],
        location=show_place(plan.location, None),
        start=found.start,
        end=found.start + timedelta(minutes=plan.duration_min),
        duration_min=plan.duration_min,
        channel=plan.channel,
        link=booking_link(wiring.settings.public_url, found, responsibility=responsibility),
    )


def booking_link(public_url: str, found: EarliestTime, *, responsibility: str | None = None) -> str:
    """To the page on which this visit is booked, also at another tenant: by path, which every host answers."""
    tenant, plan = found.asked
    return f"{public_url}/{tenant}/termin{query(choice_of(plan).values(), responsibility=responsibility)}"


routes = (get_earliest, get_earliest_anywhere)
