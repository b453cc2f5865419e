"""The appointment's own page, and what its owner may do: cancel it, and come back to it by its link."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from booking.domain.attendance import is_arrival_time
from booking.domain.errors import TooLate
from booking.domain.visit_plan import RequestedItem
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.find_appointment import find_appointment
from booking.usecases.use_link import use_link
from booking.usecases.view_appointment import AppointmentView
from booking.web.pages.choice import write_items
from booking.web.pages.visit import Visit, enter, item_line, query
from kit.requests import AnyRequest
from kit.web.formats import Formats
from kit.web.qr import qr_inline

Rows = list[tuple[str, object]]


@get("/{tenant:str}/zugang/{token:str}", include_in_schema=False)
async def open_link(request: AnyRequest, tenant: FromPath[str], token: FromPath[str]) -> Response[Any]:
    """The link from a mail. The token leaves the address at once; looking at it changes nothing."""
    here = await enter(request, tenant)
    access = await use_link(here.wiring.pool, here.wiring.settings.link_key, here.wiring.clock, token)
    return here.remember(token, here.url(f"/termin/{access.appointment_id}"))


@get("/{tenant:str}/termin/{appointment_id:uuid}", include_in_schema=False)
async def show(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    _, appointment = await here.appointment(appointment_id)
    if appointment.state == "held" and not appointment.is_bound and not _is_overdue(here, appointment):
        return here.redirect(here.url(f"/termin/{appointment.id}/kontakt"))
    if appointment.state == "awaiting_email" and not _is_overdue(here, appointment):
        return mail_waiting_page(here, appointment)
    return appointment_page(here, appointment)


def appointment_page(
    here: Visit,
    appointment: AppointmentView,
    *,
    code: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response[str]:
    """`code` of the place's poster, and what is wrong with it, where the citizen says "I am here"."""
    now = here.wiring.clock()
    is_coming = appointment.state == "confirmed" and appointment.channel == "on_site"
    return here.page(
        _template(here, appointment),
        status=status,
        appointment=appointment,
        facts=fact_rows(here, appointment),
        again=_again(appointment),
        was_moved="verschoben" in here.request.query_params,
        is_over=appointment.start <= now,
        may_cancel=now < appointment.cancel_until,
        may_move=now < appointment.reschedule_until,
        was_changed="geaendert" in here.request.query_params,
        may_arrive=is_coming and is_arrival_time(appointment.start, now),
        code=code,
        errors=errors or {},
        qr=qr_inline(appointment.number) if is_coming else None,
        rebooking_over=appointment.rebook_until is not None and appointment.rebook_until <= now,
        may_wait=may_wait(here, appointment),
        earlier_open=offer_is_open(here, appointment),
    )


def mail_waiting_page(
    here: Visit,
    appointment: AppointmentView,
    *,
    email: str | None = None,
    errors: dict[str, str] | None = None,
    fault: str | None = None,
    status: int = 200,
) -> Response[str]:
    """The binding step is taken, and the mail address waits to be proved."""
    assert appointment.contact, "the binding step gives a contact"
    return here.page(
        "mail_waiting.html",
        status=status,
        appointment=appointment,
        facts=fact_rows(here, appointment),
        email=appointment.contact.email if email is None else email,
        errors=errors or {},
        fault=fault,
        was_sent="gesendet" in here.request.query_params,
        **hold_facts(here, appointment),
    )


def hold_facts(here: Visit, appointment: AppointmentView) -> dict[str, Any]:
    """How long the time is still reserved; the page says it in words (WCAG 2.2.1)."""
    left = (appointment.expires_at - here.wiring.clock()).total_seconds() if appointment.expires_at else 0
    was_extended = "verlaengert" in here.request.query_params
    return {"seconds_left": max(0, int(left)), "was_extended": was_extended, "scripts": True}


def _template(here: Visit, appointment: AppointmentView) -> str:
    if appointment.state == "expired" or _is_overdue(here, appointment):
        return "expired.html"
    if appointment.state in ("held", "awaiting_payment"):
        return "unpaid.html"
    return "cancelled.html" if appointment.state.startswith("cancelled") else "booked.html"


def _is_overdue(here: Visit, appointment: AppointmentView) -> bool:
    return appointment.expires_at is not None and appointment.expires_at <= here.wiring.clock()


def may_wait(here: Visit, appointment: AppointmentView) -> bool:
    """Earlier times are offered by mail."""
    has_mail = appointment.contact is not None and appointment.contact.email is not None
    return appointment.state == "confirmed" and has_mail and here.wiring.clock() < appointment.start


def offer_is_open(here: Visit, appointment: AppointmentView) -> bool:
    return appointment.earlier is not None and here.wiring.clock() < appointment.earlier.expires_at


@get("/{tenant:str}/termin/{appointment_id:uuid}/absage", include_in_schema=False)
async def ask_cancel(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    """Only shows: a link scanner that follows every link cancels nothing."""
    here = await enter(request, tenant)
    _, appointment = await here.appointment(appointment_id)
    if appointment.state.startswith("cancelled"):
        return here.redirect(here.url(f"/termin/{appointment.id}"))
    if appointment.state == "confirmed" and appointment.cancel_until <= here.wiring.clock():
        raise TooLate("It can be cancelled by phone only.")
    return here.page("cancel.html", appointment=appointment, facts=fact_rows(here, appointment))


@post("/{tenant:str}/termin/{appointment_id:uuid}/absage", include_in_schema=False)
async def cancel(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    await cancel_appointment(here.wiring.pool, here.wiring.clock, await here.access(appointment_id))
    return here.redirect(here.url(f"/termin/{appointment_id}"))


@get("/{tenant:str}/termin-finden", include_in_schema=False)
async def ask_lost_link(request: AnyRequest, tenant: FromPath[str]) -> Response[str]:
    here = await enter(request, tenant)
    return here.page("find.html", form={}, errors={}, done="gesendet" in request.query_params)


@post("/{tenant:str}/termin-finden", include_in_schema=False)
async def send_lost_link(request: AnyRequest, tenant: FromPath[str]) -> Response[Any]:
    """The answer is the same whether the two fit or not."""
    here = await enter(request, tenant)
    form = await here.form()
    number, email = form.get("number", "").strip(), form.get("email", "").strip()
    errors = {}
    if not 1 <= len(number) <= 40:
        errors["number"] = here.t("find.error.number")
    if not 3 <= len(email) <= 254 or "@" not in email:
        errors["email"] = here.t("find.error.email")
    if errors:
        return here.page("find.html", status=400, form=form, errors=errors, done=False)
    await find_appointment(here.wiring.pool, here.wiring.clock, tenant, number, email)
    return here.redirect(here.url("/termin-finden") + query(gesendet="ja"))


def fact_rows(here: Visit, appointment: AppointmentView) -> Rows:
    """What, when, where, with whom, and what it costs, for the summary of each page."""
    t, f = here.t, Formats(here.t)
    return [
        (t("fact.what"), item_rows(here, appointment)),
        (t("fact.when"), f.moment_long(appointment.start, appointment.time_zone)),
        _where(here, appointment),
        (t("fact.clerk"), appointment.clerk.display_name),
        (t("fact.fee"), fee_text(here, appointment)),
        (t("fact.documents"), appointment.documents),
    ]


def item_rows(here: Visit, appointment: AppointmentView) -> list[str]:
    return [item_line(here.t, item.service, item.quantity) for item in appointment.items]


def _where(here: Visit, appointment: AppointmentView) -> tuple[str, object]:
    place = appointment.location
    if appointment.channel == "on_site":
        address = [appointment.unit, place.name, place.street, f"{place.postcode} {place.city}", place.room]
        return here.t("fact.where"), [line for line in address if line]
    phone = appointment.contact.phone if appointment.contact and appointment.channel == "phone" else None
    how = here.t("fact.call", phone=phone) if phone else here.t(f"fact.by.{appointment.channel}")
    return here.t("fact.where"), [how, appointment.unit]


def fee_text(here: Visit, appointment: AppointmentView) -> str:
    if appointment.fee is not None and appointment.fee.amount_cents:
        return Formats(here.t).money(appointment.fee.amount_cents, appointment.fee.currency)
    return here.t("service.on_request" if appointment.fee_kind == "on_request" else "service.free")


def _again(appointment: AppointmentView) -> str:
    """The same once more, at any place."""
    first, *more = appointment.items
    return query(
        service=first.service_id,
        quantity=first.quantity if first.quantity > 1 else None,
        more=write_items(RequestedItem(item.service_id, item.quantity) for item in more),
        channel=appointment.channel if appointment.channel != "on_site" else None,
    )


ROUTES = (
    open_link,
    show,
    ask_cancel,
    cancel,
    ask_lost_link,
    send_lost_link,
)
