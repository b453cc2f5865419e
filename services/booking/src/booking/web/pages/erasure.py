"""Having one's data deleted, by the appointment's own link: shown first, done by a press, and said afterwards."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from booking.domain.appointment import LIVE, By
from booking.domain.errors import Unauthorised
from booking.usecases.erase_appointment import erase_appointment, find_erased
from booking.usecases.view_appointment import Access
from booking.web.pages.manage import fact_rows
from booking.web.pages.visit import Visit, enter, query
from kit.requests import AnyRequest


@get("/{tenant:str}/termin/{appointment_id:uuid}/loeschung", include_in_schema=False)
async def ask_erasure(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    """Only shows: a link scanner that follows every link deletes nothing."""
    here = await enter(request, tenant)
    _, appointment = await here.appointment(appointment_id)
    takes_place = appointment.state in LIVE and appointment.end > here.wiring.clock()
    facts = fact_rows(here, appointment)
    return here.page("erase.html", appointment=appointment, facts=facts, takes_place=takes_place)


@post("/{tenant:str}/termin/{appointment_id:uuid}/loeschung", include_in_schema=False)
async def erase(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    """Pressed twice, it says the same again."""
    here = await enter(request, tenant)
    try:
        access = await here.access(appointment_id)
    except Unauthorised:
        state = await find_erased(here.wiring.pool, Access(here.tenant, appointment_id))
        if state is None:
            raise
        return _done(here, was_cancelled=state == "cancelled_by_citizen")
    erased = await erase_appointment(here.wiring.pool, here.wiring.clock, access, By("citizen"))
    return _done(here, was_cancelled=erased.was_cancelled)


def _done(here: Visit, *, was_cancelled: bool) -> Response[Any]:
    return here.redirect(here.url("/geloescht") + query(abgesagt="ja" if was_cancelled else None))


@get("/{tenant:str}/geloescht", include_in_schema=False)
async def erased(request: AnyRequest, tenant: FromPath[str]) -> Response[Any]:
    """Of no appointment in particular: there is nothing left to name."""
    here = await enter(request, tenant)
    return here.page("erased.html", was_cancelled="abgesagt" in request.query_params)


ROUTES = (ask_erasure, erase, erased)
