"""What a visit is for: several services, for several persons. The same form before it is booked, and to change it."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final, NamedTuple

from litestar import Response, get
from litestar.params import FromPath

from booking.domain.catalogue import Catalogue
from booking.domain.combining import Obstacle, WantedVisit, find_obstacle, list_combinable
from booking.domain.fees import Charge, fee_of_visit, fee_on
from booking.domain.visit_plan import RequestedItem, VisitPlan, plan_visit
from booking.usecases.search_catalogue import search_services
from booking.web.pages.catalogue import ServiceFacts, facts_of
from booking.web.pages.choice import channels_of, find_service, read_choice, read_quantity
from booking.web.pages.visit import Visit, documents_of, each_once, enter, name_of, query
from kit.requests import AnyRequest
from kit.web.formats import Formats

FOUND_MAX = 10
"""Of a search for one more service: it is told of each whether it can be added, or why not."""
ADD, REMOVE, SHOW, GO_ON = "dazu", "ohne", "zeigen", "weiter"
"""What the form's buttons are called in the address."""
QUANTITY: Final = "quantity-"
"""Before a service's id: how many of it."""


class ItemFacts(NamedTuple):
    """A chosen service."""

    facts: ServiceFacts
    quantity: int


class Addition(NamedTuple):
    """One that was looked for."""

    facts: ServiceFacts
    obstacle: str
    """Why it cannot be added; empty if it can."""


@get("/{tenant:str}/termin/anliegen", include_in_schema=False)
async def choose_items(request: AnyRequest, tenant: FromPath[str]) -> Response[Any]:
    """Nothing is kept but the address: each button leads to the same page, or on to the days, with another choice."""
    here = await enter(request, tenant)
    catalogue = await here.wiring.catalogues.get_public(tenant)
    asked = request.query_params
    choice = read_choice(catalogue, asked)
    here.check_return_url(choice.return_url)
    if is_edit(asked):
        choice = choice.with_items(catalogue, edit_items(catalogue, choice.items, asked))
        if GO_ON in asked:
            return here.redirect(here.url("/termin") + query(choice.values()))
        return here.redirect(here.url("/termin/anliegen") + query(choice.values(), q=search_of(asked)))
    return here.page(
        "items.html",
        choice=choice,
        hidden={name: value for name, value in choice.values().items() if value is not None and name != "channel"},
        channels=[
            (channel, here.t(f"channel.{channel}"), None)
            for channel in channels_of(catalogue, [item.service_id for item in choice.items])
        ],
        **await items_form(here, catalogue, choice.wanted),
    )


def is_edit(asked: Mapping[str, str]) -> bool:
    return any(name in asked for name in (ADD, REMOVE, SHOW, GO_ON))


def search_of(asked: Mapping[str, str]) -> str:
    """What was looked for; whoever found and added it is done with the search."""
    return "" if ADD in asked else asked.get("q", "").strip()[:100]


def edit_items(catalogue: Catalogue, items: Sequence[RequestedItem], asked: Mapping[str, str]) -> list[RequestedItem]:
    """One less, one more, or other quantities. Raises NotFound, Invalid."""
    kept = [
        RequestedItem(item.service_id, read_quantity(asked.get(f"{QUANTITY}{item.service_id}") or str(item.quantity)))
        for item in items
        if str(item.service_id) != asked.get(REMOVE)
    ] or list(items)
    if ADD not in asked:
        return kept
    added = find_service(catalogue, asked[ADD]).id
    return kept if any(item.service_id == added for item in kept) else [*kept, RequestedItem(added)]


async def items_form(here: Visit, catalogue: Catalogue, wanted: WantedVisit) -> dict[str, Any]:
    """What the form shows: the chosen ones, what they come to, and what could be done besides."""
    today = here.today
    obstacle = find_obstacle(catalogue, wanted)
    sought = search_of(here.request.query_params)
    return {
        "chosen": [
            ItemFacts(facts_of(catalogue, catalogue.services[item.service_id], today, here.t.code), item.quantity)
            for item in wanted.items
        ],
        "obstacle": obstacle_text(here, wanted, obstacle) if obstacle else "",
        "totals": [] if obstacle else total_rows(here, _plans(catalogue, wanted), today),
        "persons": partial(persons, here),
        "q": sought,
        "found": await _search(here, catalogue, wanted, sought, today) if sought else [],
        "fitting": [
            facts_of(catalogue, service, today, here.t.code) for service in _fitting(catalogue, wanted, obstacle)
        ],
    }


def obstacle_text(here: Visit, wanted: WantedVisit, obstacle: Obstacle) -> str:
    return here.t(
        f"combine.{obstacle.kind}",
        service=name_of(obstacle.service, here.t.code),
        other=name_of(obstacle.other, here.t.code) if obstacle.other else "",
        channel=here.t(f"combine.by.{wanted.channel}"),
    )


def total_rows(here: Visit, plans: Sequence[VisitPlan], day: date) -> list[tuple[str, object]]:
    """How long all of it takes, what it costs on that day, and what to bring: each document once."""
    items = plans[0].items
    minutes = sorted({plan.duration_min for plan in plans})
    duration = (
        here.t("service.minutes", minutes=minutes[0])
        if len(minutes) == 1
        else here.t("items.minutes", least=minutes[0], most=minutes[-1])
    )
    return [
        (here.t("items.duration"), duration),
        (here.t("items.fee"), _fee_text(here, plans[0], day)),
        (here.t("service.documents"), each_once(documents_of(part.service, here.t.code) for part in items)),
    ]


def persons(here: Visit, most: int) -> list[tuple[int, str]]:
    """To choose from."""
    return [(count, here.t("service.persons", count=count)) for count in range(1, most + 1)]


def _fee_text(here: Visit, plan: VisitPlan, day: date) -> str:
    charges = [
        Charge(part.service.fee_kind, fee_on(day, part.service.fees), part.service.payment_policy, part.quantity)
        for part in plan.items
    ]
    cents = fee_of_visit(charges).cents
    is_open = any(charge.kind != "none" and charge.cents is None for charge in charges)
    if not cents:
        return here.t("service.on_request" if is_open else "service.free")
    amount = Formats(here.t).money(cents)
    return here.t("items.fee_and_more", fee=amount) if is_open else amount


def _plans(catalogue: Catalogue, wanted: WantedVisit) -> list[VisitPlan]:
    return plan_visit(catalogue, wanted.items, location_id=wanted.location_id, channel=wanted.channel)


def _fitting(catalogue: Catalogue, wanted: WantedVisit, obstacle: Obstacle | None) -> list[Any]:
    """Beside what cannot be booked as it is, nothing fits."""
    return [] if obstacle else list_combinable(catalogue, wanted)


async def _search(here: Visit, catalogue: Catalogue, wanted: WantedVisit, sought: str, today: date) -> list[Addition]:
    found = await search_services(here.wiring.pool, catalogue, query=sought)
    additions = []
    for service in found.services[:FOUND_MAX]:
        obstacle = find_obstacle(catalogue, wanted.plus(service))
        why = obstacle_text(here, wanted, obstacle) if obstacle else ""
        additions.append(Addition(facts_of(catalogue, service, today, here.t.code), why))
    return additions


ROUTES = (choose_items,)
