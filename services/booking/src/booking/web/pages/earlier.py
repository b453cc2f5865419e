"""Coming earlier: the wishes of who waits, and the earlier time that is held. Looking changes nothing; a click does."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, time
from typing import Any, TypeVar
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from booking.domain.errors import Gone, Invalid, NotFound
from booking.domain.waitlist import Wishes
from booking.usecases.accept_earlier import accept_earlier
from booking.usecases.decline_earlier import decline_earlier
from booking.usecases.join_waitlist import join_waitlist, leave_waitlist, read_waitlist
from booking.usecases.view_appointment import AppointmentView
from booking.web.pages.manage import fact_rows, may_wait, offer_is_open
from booking.web.pages.visit import Visit, enter, query
from kit.requests import AnyRequest

T = TypeVar("T", date, time)


@get("/{tenant:str}/termin/{appointment_id:uuid}/frueher", include_in_schema=False)
async def show(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    access, appointment = await here.appointment(appointment_id)
    if not may_wait(here, appointment):
        return here.redirect(here.url(f"/termin/{appointment.id}"))
    if offer_is_open(here, appointment):
        return here.page("earlier_offer.html", appointment=appointment, facts=fact_rows(here, appointment))
    try:
        known = await read_waitlist(here.wiring.pool, access)
    except NotFound:
        known = Wishes()
    return _form(here, appointment, _values(known), {})


@post("/{tenant:str}/termin/{appointment_id:uuid}/frueher", include_in_schema=False)
async def wait(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    access, appointment = await here.appointment(appointment_id)
    form = await here.form()
    wishes, errors = _read(here, form)
    if not errors:
        try:
            await join_waitlist(here.wiring.pool, here.wiring.clock, access, wishes)
        except Invalid:  # days come from our own boxes, so it is the times
            errors = {"to_time": here.t("earlier.error.order")}
    if errors:
        return _form(here, appointment, form, errors)
    return here.redirect(here.url(f"/termin/{appointment_id}/frueher") + query(gemerkt="ja"))


@post("/{tenant:str}/termin/{appointment_id:uuid}/frueher/austragen", include_in_schema=False)
async def leave(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    await leave_waitlist(here.wiring.pool, await here.access(appointment_id))
    return here.redirect(here.url(f"/termin/{appointment_id}"))


@post("/{tenant:str}/termin/{appointment_id:uuid}/frueher/annehmen", include_in_schema=False)
async def accept(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    """Pressed twice, it is one."""
    here = await enter(request, tenant)
    access, wiring = await here.access(appointment_id), here.wiring
    try:
        await accept_earlier(wiring.pool, await wiring.catalogues.get(tenant), wiring.clock, access)
    except Gone:
        return await _gone(here, appointment_id)
    return here.redirect(here.url(f"/termin/{appointment_id}") + query(verschoben="ja"))


@post("/{tenant:str}/termin/{appointment_id:uuid}/frueher/ablehnen", include_in_schema=False)
async def decline(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    """The appointment stays as it is, also where the offer was declined before or is over: its page says so."""
    here = await enter(request, tenant)
    access = await here.access(appointment_id)
    with suppress(Gone):
        await decline_earlier(here.wiring.pool, here.wiring.clock, access)
    return here.redirect(here.url(f"/termin/{appointment_id}"))


async def _gone(here: Visit, appointment_id: UUID) -> Response[str]:
    _, appointment = await here.appointment(appointment_id)
    return here.page("earlier_gone.html", status=410, appointment=appointment, facts=fact_rows(here, appointment))


def _form(
    here: Visit, appointment: AppointmentView, form: Mapping[str, str], errors: Mapping[str, str]
) -> Response[str]:
    return here.page(
        "earlier.html",
        status=400 if errors else 200,
        appointment=appointment,
        facts=fact_rows(here, appointment),
        form=form,
        weekdays=list(enumerate(here.t.list("format.weekdays"), 1)),
        errors=errors,
        was_saved="gemerkt" in here.request.query_params,
    )


def _values(wishes: Wishes) -> dict[str, str]:
    """As the form has them."""
    return {
        **{f"day{day}": "ja" for day in wishes.weekdays},
        "from_time": wishes.from_time.strftime("%H:%M") if wishes.from_time else "",
        "to_time": wishes.to_time.strftime("%H:%M") if wishes.to_time else "",
        "not_before": wishes.not_before.isoformat() if wishes.not_before else "",
    }


def _read(here: Visit, form: Mapping[str, str]) -> tuple[Wishes, dict[str, str]]:
    errors: dict[str, str] = {}

    def read(name: str, kind: type[T]) -> T | None:
        text = form.get(name, "").strip()
        try:
            return kind.fromisoformat(text) if text else None
        except ValueError:
            errors[name] = here.t(f"earlier.error.{name}")
            return None

    wishes = Wishes(
        weekdays=tuple(day for day in range(1, 8) if form.get(f"day{day}")),
        from_time=read("from_time", time),
        to_time=read("to_time", time),
        not_before=read("not_before", date),
    )
    return wishes, errors


ROUTES = (show, wait, leave, accept, decline)
