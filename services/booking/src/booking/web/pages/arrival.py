"""Arrival ("I am here"): on the appointment's own page, and where the QR code of the poster at the entrance leads."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from booking.domain.errors import Conflict, Invalid, NotFound
from booking.store.arrival import ArrivalPlace
from booking.usecases.arrive import arrive, arrive_by_number
from booking.usecases.find_place import find_place_of_code
from booking.web.pages.manage import appointment_page
from booking.web.pages.visit import Visit, enter
from kit.requests import AnyRequest


@post("/{tenant:str}/termin/{appointment_id:uuid}/ankunft", include_in_schema=False)
async def arrive_with_link(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    access, appointment = await here.appointment(appointment_id)
    code = (await here.form()).get("code", "")
    try:
        await arrive(here.wiring.pool, here.wiring.clock, access, code)
    except Invalid:
        errors = {"code": here.t("arrival.error.code")}
        return appointment_page(here, appointment, code=code, errors=errors, status=400)
    return here.redirect(here.url(f"/termin/{appointment_id}"))


@get("/{tenant:str}/ankunft/{code:str}", include_in_schema=False)
async def ask(request: AnyRequest, tenant: FromPath[str], code: FromPath[str]) -> Response[str]:
    """Where the poster's code leads. It says nothing about who is expected."""
    here = await enter(request, tenant)
    return _page(here, await find_place_of_code(here.wiring.pool, tenant, code))


@post("/{tenant:str}/ankunft/{code:str}", include_in_schema=False)
async def arrive_at_poster(request: AnyRequest, tenant: FromPath[str], code: FromPath[str]) -> Response[str]:
    """Pressed twice, it says the same again."""
    here = await enter(request, tenant)
    place = await find_place_of_code(here.wiring.pool, tenant, code)
    number = (await here.form()).get("number", "")[:40]
    try:
        appointment = await arrive_by_number(here.wiring.pool, here.wiring.clock, place, tenant, number)
    except NotFound:
        return _page(here, place, number=number, error="number", status=400)
    except Conflict as fault:
        known = fault.code if fault.code in ("too_early", "too_late") else "state"
        return _page(here, place, number=number, error=known, status=409)
    return here.page("arrived.html", appointment=appointment)


def _page(
    here: Visit, place: ArrivalPlace, *, number: str = "", error: str | None = None, status: int = 200
) -> Response[str]:
    errors = {"number": here.t(f"arrival.error.{error}")} if error else {}
    return here.page("arrival.html", status=status, place=place, number=number, errors=errors)


ROUTES = (arrive_with_link, ask, arrive_at_poster)
