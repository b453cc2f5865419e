"""The office could not keep the visit: choosing another time for it, or none."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from booking.domain.appointment import By
from booking.domain.errors import Invalid, SlotTaken
from booking.usecases.decline_rebooking import decline_rebooking_of
from booking.usecases.rebook_appointment import rebook_appointment
from booking.usecases.view_appointment import AppointmentView
from booking.web.pages.manage import fact_rows
from booking.web.pages.times import list_days, new_times_page, plans_to_move, read_start, require_day
from booking.web.pages.visit import Visit, enter, query
from kit.requests import AnyRequest

CITIZEN = By("citizen")


@get("/{tenant:str}/termin/{appointment_id:uuid}/neue-zeit", include_in_schema=False)
async def choose_day(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    _, appointment = await here.appointment(appointment_id)
    if not is_offered(here, appointment):
        return here.redirect(here.url(f"/termin/{appointment.id}"))
    listed = await list_days(here, await plans_to_move(here, appointment))
    return here.page("rebook_days.html", appointment=appointment, listed=listed, facts=fact_rows(here, appointment))


@get("/{tenant:str}/termin/{appointment_id:uuid}/neue-zeit/tag", include_in_schema=False)
async def choose_time(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    _, appointment = await here.appointment(appointment_id)
    return await _times(here, appointment, require_day(request.query_params.get("day")))


@post("/{tenant:str}/termin/{appointment_id:uuid}/neue-zeit", include_in_schema=False)
async def rebook(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    access, appointment = await here.appointment(appointment_id)
    form, wiring = await here.form(), here.wiring
    plans, day = await plans_to_move(here, appointment), require_day(form.get("day"))
    try:
        start = read_start(plans, form)
        catalogue = await wiring.catalogues.get(tenant)
        await rebook_appointment(wiring.pool, catalogue, wiring.clock, access, start, CITIZEN)
    except SlotTaken:
        return await _times(here, appointment, day, fault="taken", status=409)
    except Invalid:
        return await _times(here, appointment, day, fault="wrong", status=400)
    return here.redirect(here.url(f"/termin/{appointment.id}") + query(verschoben="ja"))


@get("/{tenant:str}/termin/{appointment_id:uuid}/verzicht", include_in_schema=False)
async def ask_decline(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    """Only shows, as every page that a link in a mail leads to."""
    here = await enter(request, tenant)
    _, appointment = await here.appointment(appointment_id)
    if not is_offered(here, appointment):
        return here.redirect(here.url(f"/termin/{appointment.id}"))
    return here.page("rebook_decline.html", appointment=appointment, facts=fact_rows(here, appointment))


@post("/{tenant:str}/termin/{appointment_id:uuid}/verzicht", include_in_schema=False)
async def decline(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    access, appointment = await here.appointment(appointment_id)
    if is_offered(here, appointment):
        await decline_rebooking_of(here.wiring.pool, here.wiring.clock, access, CITIZEN)
    return here.redirect(here.url(f"/termin/{appointment_id}"))


def is_offered(here: Visit, appointment: AppointmentView) -> bool:
    return appointment.rebook_until is not None and here.wiring.clock() < appointment.rebook_until


async def _times(
    here: Visit, appointment: AppointmentView, day: date, fault: str | None = None, status: int = 200
) -> Response[str]:
    path = here.url(f"/termin/{appointment.id}/neue-zeit")
    return await new_times_page(here, appointment, path, day, fault=fault, status=status)


ROUTES = (choose_day, choose_time, rebook, ask_decline, decline)
