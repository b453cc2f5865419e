"""The mail address is proved: "look into your mailbox", and the page that the mail's link leads to."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from booking.domain.activation import PAUSE
from booking.domain.errors import Invalid, PaymentAway, TooMany, TooManyBookings, TooManyHolds
from booking.usecases.activate_appointment import activate_appointment
from booking.usecases.ask_activation import ask_activation_again
from booking.usecases.keep_language import keep_language
from booking.usecases.manage_link import open_manage_link
from booking.usecases.use_link import use_link
from booking.usecases.view_appointment import AppointmentView
from booking.web.fairness import gate_of_address
from booking.web.pages.manage import fact_rows, mail_waiting_page
from booking.web.pages.reserve import pays_online
from booking.web.pages.visit import Visit, enter, query
from kit.requests import AnyRequest


@get("/{tenant:str}/aktivierung/{token:str}", include_in_schema=False)
async def open_link(request: AnyRequest, tenant: FromPath[str], token: FromPath[str]) -> Response[Any]:
    """The link from the mail. The token leaves the address at once; looking at it changes nothing.

    Whoever holds the mail owns the appointment, on whatever device: this browser may also manage it.
    """
    here = await enter(request, tenant)
    wiring = here.wiring
    access = await use_link(wiring.pool, wiring.settings.link_key, wiring.clock, token, "activate")
    manage = await open_manage_link(wiring.pool, wiring.settings.link_key, wiring.clock, access)
    return here.remember(token, here.url(f"/termin/{access.appointment_id}/bestaetigung"), manage)


@get("/{tenant:str}/termin/{appointment_id:uuid}/bestaetigung", include_in_schema=False)
async def ask(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    """Only shows: a link scanner that follows every link confirms nothing."""
    here = await enter(request, tenant)
    return _page(here, await here.view(await here.access(appointment_id, "activate")))


@post("/{tenant:str}/termin/{appointment_id:uuid}/bestaetigung", include_in_schema=False)
async def activate(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    wiring, access = here.wiring, await here.access(appointment_id, "activate")
    try:
        booked = await activate_appointment(wiring.pool, wiring.checkout, wiring.clock, access)
    except PaymentAway:
        return _page(here, await here.view(access), is_away=True)
    await keep_language(wiring.pool, access, here.t.code)
    return here.redirect(here.checkout_of(booked) or here.url(f"/termin/{booked.id}"))


def _page(here: Visit, appointment: AppointmentView, *, is_away: bool = False) -> Response[str]:
    wish = "online" if appointment.payment.mode == "online" else "counter"
    return here.page(
        "activate.html",
        status=503 if is_away else 200,
        appointment=appointment,
        facts=fact_rows(here, appointment),
        is_booked=appointment.state not in ("awaiting_email", "expired", "held"),
        pays_online=pays_online(appointment, wish),
        is_away=is_away,
    )


@post("/{tenant:str}/termin/{appointment_id:uuid}/bestaetigungsmail", include_in_schema=False)
async def send_again(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    """Once more, also to a corrected address."""
    here = await enter(request, tenant)
    access, appointment = await here.appointment(appointment_id)
    email = (await here.form()).get("email", "")
    try:
        gate = await gate_of_address(request, tenant, email)
        await ask_activation_again(here.wiring.pool, here.wiring.clock, access, email, gate)
    except Invalid:
        errors = {"email": here.t("contact.error.email")}
        return mail_waiting_page(here, appointment, email=email, errors=errors, status=400)
    except (TooManyBookings, TooManyHolds):
        raise
    except TooMany as error:
        fault = "activation.wait" if error.retry_after_s == PAUSE.seconds else "activation.enough"
        return mail_waiting_page(here, appointment, fault=fault, status=429)
    return here.redirect(here.url(f"/termin/{appointment_id}") + query(gesendet="ja"))


ROUTES = (open_link, ask, activate, send_again)
