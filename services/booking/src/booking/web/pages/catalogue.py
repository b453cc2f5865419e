"""Finding a service: home, search, and what a service needs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from string import ascii_uppercase
from typing import NamedTuple

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from booking.domain.catalogue import Catalogue, Location, Service
from booking.domain.fees import fee_on
from booking.domain.folding import fold, letter_of
from booking.store.search import FoundEntry
from booking.usecases.search_catalogue import QUERY_MAX, search_places, search_services
from booking.usecases.search_elsewhere import search_elsewhere
from booking.web.pages.choice import find_service
from booking.web.pages.visit import Visit, documents_of, enter, name_of, query
from kit.requests import AnyRequest

PLACES_SHOWN = 6
"""Beside the services, which most people look for."""


class ServiceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A service as a page shows it today."""

    service: Service
    name: str
    documents: tuple[str, ...]
    fee_cents: int | None
    duration_min: int | None
    max_quantity: int
    units: tuple[str, ...]
    locations: tuple[Location, ...]

    @property
    def places(self) -> list[str]:
        return [f"{place.name}, {place.street}, {place.postcode} {place.city}" for place in self.locations]

    @property
    def is_bookable(self) -> bool:
        return self.duration_min is not None and self.service.kind in ("visit", "walk_in_or_visit")


class ElsewhereFacts(NamedTuple):
    """Who else does what was looked for: services of the county, or towns."""

    title: str
    text: str
    links: Sequence[tuple[str, str]]


class PlaceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A location, or a public function and where it is to be found."""

    name: str
    unit: str
    clerk: str | None
    location: Location | None


def facts_of(catalogue: Catalogue, service: Service, today: date, language: str) -> ServiceFacts:
    offerings = catalogue.offerings.get(service.id, ())
    return ServiceFacts(
        service=service,
        name=name_of(service, language),
        documents=documents_of(service, language),
        fee_cents=fee_on(today, service.fees),
        duration_min=min((offering.duration_min for offering in offerings), default=None),
        max_quantity=max((offering.max_quantity for offering in offerings), default=1),
        units=tuple(dict.fromkeys(catalogue.units[offering.unit_id] for offering in offerings)),
        locations=tuple(catalogue.locations[offering.location_id] for offering in offerings),
    )


@get("/{tenant:str}", include_in_schema=False)
async def home(request: AnyRequest, tenant: FromPath[str]) -> Response[str]:
    here = await enter(request, tenant)
    services = (await here.wiring.catalogues.get_public(tenant)).services.values()
    situations = sorted({situation for service in services for situation in service.life_situations})
    example = _example(here, services)
    return here.page("home.html", situations=situations, letters=_letters(services), example=example)


@get("/{tenant:str}/suche", include_in_schema=False)
async def search(request: AnyRequest, tenant: FromPath[str]) -> Response[str]:
    here = await enter(request, tenant)
    catalogue = await here.wiring.catalogues.get_public(tenant)
    asked = {name: here.request.query_params.get(name, "").strip() for name in ("q", "letter", "life_situation")}
    asked["q"] = asked["q"][:QUERY_MAX]
    page = await search_services(
        here.wiring.pool,
        catalogue,
        query=asked["q"],
        letter=asked["letter"][:1],
        life_situation=asked["life_situation"],
        cursor=here.request.query_params.get("cursor"),
    )
    places = await _places(here, catalogue, asked)
    today = here.today
    found = [facts_of(catalogue, service, today, here.t.code) for service in page.services]
    return here.page(
        "search.html",
        found=found,
        places=[_place(catalogue, place) for place in places[:PLACES_SHOWN]],
        elsewhere=await _elsewhere(here, catalogue, asked["q"], [page.rank, *(place.rank for place in places)]),
        asked=asked,
        example=_example(here, catalogue.services.values()),
        next_cursor=page.next_cursor,
        letters=_letters(catalogue.services.values()),
    )


@get("/{tenant:str}/leistungen/{service_id:str}", include_in_schema=False)
async def show_service(request: AnyRequest, tenant: FromPath[str], service_id: FromPath[str]) -> Response[str]:
    here = await enter(request, tenant)
    catalogue = await here.wiring.catalogues.get_public(tenant)
    facts = facts_of(catalogue, find_service(catalogue, service_id), here.today, here.t.code)
    persons = [(count, here.t("service.persons", count=count)) for count in range(1, facts.max_quantity + 1)]
    channels = [(channel, here.t(f"channel.{channel}"), None) for channel in facts.service.channels]
    portal_url = here.wiring.settings.portal_url
    return here.page("service.html", facts=facts, persons=persons, channels=channels, portal_url=portal_url)


async def _places(here: Visit, catalogue: Catalogue, asked: Mapping[str, str]) -> Sequence[FoundEntry]:
    """On the first page of a search by words."""
    if not asked["q"] or "cursor" in here.request.query_params:
        return ()
    return await search_places(here.wiring.pool, catalogue, asked["q"])


def _place(catalogue: Catalogue, found: FoundEntry) -> PlaceFacts:
    return PlaceFacts(
        name=found.name,
        unit=found.unit,
        clerk=found.clerk,
        location=catalogue.locations.get(found.location_id) if found.location_id else None,
    )


async def _elsewhere(
    here: Visit, catalogue: Catalogue, words: str, ranks: Iterable[int | None]
) -> ElsewhereFacts | None:
    """On the first page of a search by words."""
    if not words or "cursor" in here.request.query_params:
        return None
    best = min((rank for rank in ranks if rank is not None), default=None)
    found = await search_elsewhere(here.wiring.pool, catalogue, words, best)
    if not found:
        return None
    public_url = here.wiring.settings.public_url
    if here.profile.kind == "Kreis":
        towns = [(one.tenant_name, f"{public_url}/{one.tenant}/suche{query(q=words)}") for one in found]
        return ElsewhereFacts(here.t("search.towns", query=words), here.t("search.towns_text"), towns)
    county = await here.wiring.catalogues.get_public(found[0].tenant)
    known = [(county.services[one.service_id], one) for one in found if one.service_id in county.services]
    services = [
        (name_of(service, here.t.code), f"{public_url}/{one.tenant}/leistungen/{one.service_id}")
        for service, one in known
    ]
    return ElsewhereFacts(here.t("search.county", query=words, name=found[0].tenant_name), "", services)


def _example(here: Visit, services: Iterable[Service]) -> str:
    """A word that people type, and that is found here."""
    names = [fold(name_of(service, here.t.code)) for service in services]
    words = here.t.list("search.examples")
    return next((word for word in words if any(fold(word) in name for name in names)), "")


def _letters(services: Iterable[Service]) -> dict[str, bool]:
    """The whole alphabet, so that it always looks the same, and whether a name begins so ("Ä" stands under A)."""
    there = {letter_of(service.name) for service in services}
    return {letter: letter in there for letter in [*ascii_uppercase, *sorted(there - {*ascii_uppercase})]}


ROUTES = (home, search, show_service)
