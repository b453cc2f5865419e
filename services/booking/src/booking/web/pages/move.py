"""Another time: for what is booked, and before the binding step for what is only reserved. And the calendar's file."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from booking.domain.errors import Invalid, SlotTaken, TooLate
from booking.usecases.publish_calendar import publish_calendar
from booking.usecases.reschedule_appointment import reschedule_appointment
from booking.usecases.view_appointment import AppointmentView
from booking.web.manage_api import calendar_file
from booking.web.pages.manage import fact_rows
from booking.web.pages.times import list_days, new_times_page, plans_to_move, read_start, require_day
from booking.web.pages.visit import Visit, enter, query
from kit.requests import AnyRequest


@get("/{tenant:str}/termin/{appointment_id:uuid}/calendar.ics", include_in_schema=False)
async def calendar(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[bytes]:
    here = await enter(request, tenant)
    return calendar_file(await publish_calendar(here.wiring.pool, await here.access(appointment_id)))


@get("/{tenant:str}/termin/{appointment_id:uuid}/verschieben", include_in_schema=False)
async def choose_new_day(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    _, appointment = await here.appointment(appointment_id)
    if not is_reserved(appointment) and appointment.state != "confirmed":
        return here.redirect(here.url(f"/termin/{appointment.id}"))
    if appointment.reschedule_until <= here.wiring.clock():
        raise TooLate("It can be moved by phone only.")
    return here.page(
        "move_days.html",
        appointment=appointment,
        listed=await list_days(here, await plans_to_move(here, appointment)),
        facts=fact_rows(here, appointment),
        carried=_carried(request.query_params),
        back=_back(here, appointment, request.query_params),
    )


@get("/{tenant:str}/termin/{appointment_id:uuid}/verschieben/tag", include_in_schema=False)
async def choose_new_time(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    _, appointment = await here.appointment(appointment_id)
    day = require_day(request.query_params.get("day"))
    return await _new_times(here, appointment, day, request.query_params)


@post("/{tenant:str}/termin/{appointment_id:uuid}/verschieben", include_in_schema=False)
async def move(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    access, appointment = await here.appointment(appointment_id)
    form = await here.form()
    plans, day = await plans_to_move(here, appointment), require_day(form.get("day"))
    try:
        start = read_start(plans, form)
        catalogue = await here.wiring.catalogues.get(tenant)
        await reschedule_appointment(here.wiring.pool, catalogue, here.wiring.clock, access, start)
    except SlotTaken:
        return await _new_times(here, appointment, day, form, fault="taken", status=409)
    except Invalid:
        return await _new_times(here, appointment, day, form, fault="wrong", status=400)
    if is_reserved(appointment):
        return here.redirect(_back(here, appointment, form))
    return here.redirect(here.url(f"/termin/{appointment.id}") + query(verschoben="ja"))


def is_reserved(appointment: AppointmentView) -> bool:
    return appointment.state == "held" and not appointment.is_bound


def _back(here: Visit, appointment: AppointmentView, values: Mapping[str, str]) -> str:
    """Where the citizen came from. Nothing that was typed there is asked for again (WCAG 3.3.7)."""
    page = "" if not is_reserved(appointment) else "/pruefen" if appointment.contact else "/kontakt"
    return here.url(f"/termin/{appointment.id}{page}") + query(_carried(values))


def _carried(values: Mapping[str, str]) -> dict[str, str]:
    return {name: values[name] for name in ("payment", "return_url") if values.get(name)}


async def _new_times(
    here: Visit,
    appointment: AppointmentView,
    day: date,
    values: Mapping[str, str],
    fault: str | None = None,
    status: int = 200,
) -> Response[str]:
    return await new_times_page(
        here,
        appointment,
        here.url(f"/termin/{appointment.id}/verschieben"),
        day,
        carried=_carried(values),
        reserved=is_reserved(appointment),
        fault=fault,
        status=status,
    )


ROUTES = (calendar, choose_new_day, choose_new_time, move)
