"""Choosing a time: first the day, then the hour. For a new appointment, and for one that moves."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from booking.domain.catalogue import Catalogue, Location
from booking.domain.combining import find_obstacle
from booking.domain.errors import Invalid
from booking.domain.times import DAYS_MAX, last_day
from booking.domain.visit_plan import VisitPlan
from booking.usecases.find_earliest import Asked, find_earliest
from booking.usecases.find_times import DayTimes, find_times
from booking.usecases.plan_booked_visit import list_plans
from booking.usecases.view_appointment import Access, AppointmentView
from booking.web.pages.choice import Choice, read_choice
from booking.web.pages.items import total_rows
from booking.web.pages.manage import item_rows
from booking.web.pages.own_hold import own_hold
from booking.web.pages.responsible import ask_again, ask_page, hidden_of, settle_responsibility
from booking.web.pages.visit import Visit, enter, item_lines, query
from booking.web.why import rule_words
from kit.ids import uuid7
from kit.requests import AnyRequest

DAYS_SHOWN = 14
"""Days with free times on one page: enough to choose from, few enough to read."""


class DayList(msgspec.Struct, frozen=True, kw_only=True):
    days: tuple[DayTimes, ...]
    """Those with free times."""
    later: date | None
    """Where the next page begins; null where the window ends."""
    is_first: bool


class PlaceTime(NamedTuple):
    location: Location
    earliest: datetime | None


async def list_days(here: Visit, plans: Sequence[VisitPlan]) -> DayList:
    """From the day in the address on, or from today."""
    now = here.wiring.clock()
    today = now.astimezone(ZoneInfo(plans[0].location.time_zone)).date()
    end = max(last_day(plan, now) for plan in plans)
    first = min(max(_read_day(here.request.query_params.get("from")) or today, today), end)
    count = min(DAYS_MAX, (end - first).days + 1)
    found = await find_times(here.wiring.pool, here.tenant, plans, [first + timedelta(n) for n in range(count)], now)
    free = [day for day in found.days if day.free]
    after = free[DAYS_SHOWN - 1].date if len(free) > DAYS_SHOWN else first + timedelta(days=count - 1)
    later = after + timedelta(days=1)
    return DayList(days=tuple(free[:DAYS_SHOWN]), later=later if later <= end else None, is_first=first == today)


async def list_times(here: Visit, plans: Sequence[VisitPlan], day: date) -> DayTimes:
    found = await find_times(here.wiring.pool, here.tenant, plans, [day], here.wiring.clock())
    return found.days[0]


async def plans_to_move(here: Visit, appointment: AppointmentView) -> list[VisitPlan]:
    catalogue = await here.wiring.catalogues.get(here.tenant)
    return await list_plans(here.wiring.pool, catalogue, Access(here.tenant, appointment.id))


def read_start(plans: Sequence[VisitPlan], form: Mapping[str, str]) -> datetime:
    """The chosen day and wall time as an instant. Raises Invalid."""
    day, clock = _read_day(form.get("day")), form.get("time", "")
    try:
        wall = time.fromisoformat(clock)
    except ValueError:
        wall = None
    if day is None or wall is None or wall.tzinfo is not None:
        raise Invalid.field("time", "expected a day and a time of the list")
    return datetime.combine(day, wall, ZoneInfo(plans[0].location.time_zone))


@get("/{tenant:str}/termin", include_in_schema=False)
async def choose_day(request: AnyRequest, tenant: FromPath[str]) -> Response[Any]:
    """Also the deep link of portals. Who names no service chooses one first."""
    here = await enter(request, tenant)
    if not request.query_params.get("service"):
        return here.redirect(here.url("/"))
    catalogue = await here.wiring.catalogues.get_public(tenant)
    choice = read_choice(catalogue, request.query_params)
    here.check_return_url(choice.return_url)
    if choice.more and find_obstacle(catalogue, choice.wanted):
        return here.redirect(here.url("/termin/anliegen") + query(choice.values()))
    chosen = settle_responsibility(here, catalogue, choice)
    if chosen is None:
        return ask_page(here, catalogue, choice)
    return here.page(
        "days.html",
        listed=await list_days(here, chosen.plans),
        totals=total_rows(here, chosen.plans, here.today),
        places=await _places(here, catalogue, choice),
        responsible=chosen.responsible if choice.responsibility or chosen.responsible.rule else None,
        conditions=rule_words(here.t, chosen.responsible.rule) if chosen.responsible.rule else [],
        own=await own_hold(here, choice),
        **_choosing(here, catalogue, choice),
    )


@get("/{tenant:str}/termin/tag", include_in_schema=False)
async def choose_time(request: AnyRequest, tenant: FromPath[str]) -> Response[Any]:
    here = await enter(request, tenant)
    catalogue = await here.wiring.catalogues.get_public(tenant)
    choice = read_choice(catalogue, request.query_params)
    chosen = settle_responsibility(here, catalogue, choice)
    if chosen is None:
        return ask_again(here, choice)
    return await times_page(here, catalogue, choice, chosen.plans, require_day(request.query_params.get("day")))


async def times_page(
    here: Visit,
    catalogue: Catalogue,
    choice: Choice,
    plans: Sequence[VisitPlan],
    day: date,
    *,
    fault: str | None = None,
    status: int = 200,
) -> Response[str]:
    """`fault`: "taken" or "wrong", when the page is the answer to a time that could not be reserved."""
    listed = await list_times(here, plans, day)
    back = here.url("/termin") + query(choice.values())
    return here.page(
        "times.html",
        status=status,
        listed=listed,
        fault=fault,
        back=back,
        moving=False,
        own=await own_hold(here, choice),
        **_choosing(here, catalogue, choice),
    )


async def new_times_page(
    here: Visit,
    appointment: AppointmentView,
    path: str,
    day: date,
    *,
    carried: Mapping[str, str] | None = None,
    reserved: bool = False,
    fault: str | None = None,
    status: int = 200,
) -> Response[str]:
    """For a visit that there is already. `path` is of its days, and takes the form; `reserved`: not bound yet."""
    return here.page(
        "times.html",
        status=status,
        names=item_rows(here, appointment),
        listed=await list_times(here, await plans_to_move(here, appointment), day),
        fault=fault,
        moving=True,
        reserved=reserved,
        action=path,
        hidden=carried or {},
        key="",
        back=path + query(carried),
    )


async def _places(here: Visit, catalogue: Catalogue, choice: Choice) -> list[PlaceTime]:
    """Where there is a choice of places, the earliest time at each: the soonest first, those without any last."""
    anywhere = msgspec.structs.replace(choice, location_id=None)
    chosen = settle_responsibility(here, catalogue, anywhere)
    locations = {plan.location.id: plan.location for plan in chosen.plans} if chosen else {}
    if chosen is None or len(locations) < 2:
        return []
    asked = [Asked(here.tenant, plan) for plan in chosen.plans]
    starts = {
        found.asked.plan.location.id: found.start
        for found in await find_earliest(here.wiring.pool, asked, here.wiring.clock())
    }
    in_order = dict.fromkeys([*starts, *locations])
    return [PlaceTime(locations[id_], starts.get(id_)) for id_ in in_order]


def _choosing(here: Visit, catalogue: Catalogue, choice: Choice) -> dict[str, Any]:
    return {
        "choice": choice,
        "names": item_lines(here, catalogue, choice.items),
        "action": here.url("/termin/reservierung"),
        "hidden": hidden_of(choice),
        "key": uuid7(),
    }


def require_day(text: str | None) -> date:
    """Raises Invalid."""
    day = _read_day(text)
    if day is None:
        raise Invalid.field("day", "expected a day such as 2027-03-29")
    return day


def _read_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


ROUTES = (choose_day, choose_time)
