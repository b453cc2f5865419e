"""Back from the checkout, and going on with a payment that was left."""

import logging
from typing import Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from booking.domain.errors import NotFound, PaymentAway, Unauthorised
from booking.usecases.apply_payment import ask_payment
from booking.usecases.begin_payment import begin_payment
from booking.usecases.find_outcome import find_outcome
from booking.usecases.keep_language import keep_language
from booking.usecases.use_link import use_link
from booking.usecases.view_appointment import Access, AppointmentView
from booking.web.pages.manage import fact_rows
from booking.web.pages.visit import Visit, enter, query
from kit.requests import AnyRequest

log = logging.getLogger(__name__)

PATIENCE = 40
"""Reloads of "wird geprüft", 3 seconds apart."""
NEWS_TO_COME = frozenset({"authorised", "capturing"})
"""Who comes back while it is still pending pressed "back, without paying": payment's pages lead on when they know."""


@get("/{tenant:str}/zugang/{token:str}/zahlung", include_in_schema=False)
async def open_link_to_pay(request: AnyRequest, tenant: FromPath[str], token: FromPath[str]) -> Response[Any]:
    """The mail's link to an unfinished payment: through here, so that this browser may open the appointment when it
    comes back from the checkout. Where nothing is left to pay, the appointment's page says so.
    """
    here = await enter(request, tenant)
    access = await use_link(here.wiring.pool, here.wiring.settings.link_key, here.wiring.clock, token)
    appointment = await here.view(access)
    language = appointment.contact.language if appointment.contact else here.t.code  # the mail's
    return here.remember(token, here.checkout_of(appointment, language) or here.url(f"/termin/{appointment.id}"))


@get("/{tenant:str}/termin/{appointment_id:uuid}/zahlung", include_in_schema=False)
async def come_back(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    """That somebody came back proves nothing: payment is asked."""
    here = await enter(request, tenant)
    try:
        access = await here.access(appointment_id)
    except Unauthorised:
        return await _tell_outcome(here, appointment_id)
    is_known = await _ask(here, access)
    appointment = await here.view(access)
    if not is_waiting(appointment):
        return here.redirect(here.url(f"/termin/{appointment_id}"))
    tries = _tries(request)
    is_settled = is_known and appointment.payment.state not in NEWS_TO_COME
    if is_settled or tries >= PATIENCE:
        return here.page("unpaid.html", appointment=appointment, facts=fact_rows(here, appointment), again="")
    again = here.url(f"/termin/{appointment_id}/zahlung") + query(n=tries + 1)
    return here.page("checking.html", appointment=appointment, facts=fact_rows(here, appointment), again=again)


async def _ask(here: Visit, access: Access) -> bool:
    """False: payment does not answer now."""
    try:
        await ask_payment(here.wiring.pool, here.wiring.payment, here.wiring.clock, access)
    except PaymentAway:
        log.warning("payment away", extra={"appointment_id": str(access.appointment_id)})
        return False
    return True


async def _tell_outcome(here: Visit, appointment_id: UUID) -> Response[Any]:
    """In a browser that never opened the appointment, by a mail's link to the checkout or the receipt: how the payment
    stands, and nothing about person or visit. Raises Unauthorised where no payment was begun.
    """
    access = Access(here.tenant, appointment_id)
    try:
        await _ask(here, access)
        word = await find_outcome(here.wiring.pool, here.wiring.clock, access)
    except NotFound:
        word = None
    if word is None:
        raise Unauthorised("This link does not work (any more). Have a new one sent to you.")
    return here.page("outcome.html", word=word)


@post("/{tenant:str}/termin/{appointment_id:uuid}/zahlung", include_in_schema=False)
async def go_on(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    """Pay after all, by the same checkout or a new one; or change to the counter where the service allows it."""
    here = await enter(request, tenant)
    access, appointment = await here.appointment(appointment_id)
    form, wiring = await here.form(), here.wiring
    mode: Literal["online", "counter"] = "counter" if form.get("payment") == "counter" else "online"
    try:
        booked = await begin_payment(wiring.pool, wiring.checkout, wiring.clock, access, mode)
    except PaymentAway:
        return here.page("payment_away.html", status=503, appointment=appointment, carried=form)
    await keep_language(wiring.pool, access, here.t.code)
    return here.redirect(here.checkout_of(booked) or here.url(f"/termin/{booked.id}"))


def is_waiting(appointment: AppointmentView) -> bool:
    return appointment.state in ("held", "awaiting_payment")


def _tries(request: AnyRequest) -> int:
    text = request.query_params.get("n", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


ROUTES = (open_link_to_pay, come_back, go_on)
