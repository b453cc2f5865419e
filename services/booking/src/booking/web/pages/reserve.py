"""From a chosen time to the booking: reserve, give the contact, check, confirm."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from booking.domain.contact import Contact
from booking.domain.errors import Invalid, PaymentAway, SlotTaken
from booking.usecases.confirm_appointment import Confirmation, confirm_appointment
from booking.usecases.extend_hold import extend_hold
from booking.usecases.hold_fairly import hold_fairly
from booking.usecases.hold_slot import Request as HoldRequest
from booking.usecases.save_contact import save_contact
from booking.usecases.view_appointment import AppointmentView
from booking.web.fairness import client_of_hold, gate_of
from booking.web.pages.choice import read_choice
from booking.web.pages.manage import fact_rows, hold_facts
from booking.web.pages.own_hold import exchange, give_up, own_hold
from booking.web.pages.responsible import ask_again, settle_responsibility
from booking.web.pages.times import read_start, require_day, times_page
from booking.web.pages.visit import Visit, enter, query
from kit.idempotency import fingerprint
from kit.ids import uuid7
from kit.requests import AnyRequest
from kit.tokens import sign_id

FIELDS = ("given_name", "family_name", "organisation", "email", "phone")
PAGES_WITH_CLOCK = {"kontakt": "/kontakt", "pruefen": "/pruefen", "termin": ""}
"""Pages that show how long the time is kept, and to which more of it leads back."""
CARRIED = ("payment", "return_url")
SAMPLE = {"given_name": "Erika", "family_name": "Mustermann", "email": "erika.mustermann@example.org"}
"""Prefills the form in a demonstration."""


@post("/{tenant:str}/termin/reservierung", include_in_schema=False)
async def reserve(request: AnyRequest, tenant: FromPath[str]) -> Response[Any]:
    """The key in the form makes a double-click one reservation; who has reserved a time already exchanges it."""
    here = await enter(request, tenant)
    form = await here.form()
    catalogue = await here.wiring.catalogues.get_public(tenant)
    choice = read_choice(catalogue, form)
    chosen, day = settle_responsibility(here, catalogue, choice), require_day(form.get("day"))
    if chosen is None:
        return ask_again(here, choice)
    plans = chosen.plans
    try:
        start = read_start(plans, form)
        own = await own_hold(here, choice)
        if own and await exchange(here, own, plans, start):
            return here.redirect(own.go_on)
        key = f"page:{form.get('key') or uuid7()}:{start.isoformat()}"
        body = fingerprint(repr(sorted(choice.values().items(), key=str)).encode())
        client = await client_of_hold(request, tenant, form.get("altcha"))
        asked = HoldRequest(start, key, body)
        held = await hold_fairly(
            here.wiring.pool, catalogue, plans, asked, here.wiring.clock(), client, here.wiring.holds
        )
    except SlotTaken:
        return await times_page(here, catalogue, choice, plans, day, fault="taken", status=409)
    except Invalid:
        return await times_page(here, catalogue, choice, plans, day, fault="wrong", status=400)
    if own and own.appointment.id != held.id:
        await give_up(here, own)
    token = sign_id(here.wiring.settings.link_key, "access", held.grant_id)
    return here.remember(token, here.url(f"/termin/{held.id}/kontakt") + query(return_url=choice.return_url))


@get("/{tenant:str}/termin/{appointment_id:uuid}/kontakt", include_in_schema=False)
async def ask_contact(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    _, appointment = await here.appointment(appointment_id)
    if _is_past_binding(appointment):
        return here.redirect(here.url(f"/termin/{appointment.id}"))
    known: dict[str, str] = SAMPLE if here.site.demo_mode else {}
    if appointment.contact:
        known = {name: getattr(appointment.contact, name) or "" for name in FIELDS}
    return _contact_page(here, appointment, {**known, **_carried(here)}, {})


@post("/{tenant:str}/termin/{appointment_id:uuid}/kontakt", include_in_schema=False)
async def give_contact(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    access, appointment = await here.appointment(appointment_id)
    form = await here.form()
    contact = Contact(**{name: form.get(name, "") for name in FIELDS}, language=here.t.code)
    try:
        gate = await gate_of(request, tenant, contact, None)
        await save_contact(here.wiring.pool, here.wiring.clock, access, contact, gate)
    except Invalid as error:
        return _contact_page(here, appointment, form, contact_errors(here, form, error), status=400)
    carried = query(payment=form.get("payment"), return_url=form.get("return_url"))
    return here.redirect(here.url(f"/termin/{appointment.id}/pruefen") + carried)


def contact_errors(here: Visit, form: dict[str, str], error: Invalid) -> dict[str, str]:
    """The use case names the fields; the page says it in the reader's words, in the order of the form."""
    wrong = {field.removeprefix("contact.") for field, _ in error.errors}
    has_no_way = not form.get("email", "").strip() and not form.get("phone", "").strip()
    keys = {name: name for name in FIELDS}
    if has_no_way:
        keys["email"] = "reach"
    if not form.get("phone", "").strip():
        keys["phone"] = "phone_needed"
    return {name: here.t(f"contact.error.{key}") for name, key in keys.items() if name in wrong}


@post("/{tenant:str}/termin/{appointment_id:uuid}/verlaengerung", include_in_schema=False)
async def extend(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    form = await here.form()
    await extend_hold(here.wiring.pool, here.wiring.clock, await here.access(appointment_id))
    page = PAGES_WITH_CLOCK.get(form.get("page", ""), "/kontakt")
    carried = query(payment=form.get("payment"), return_url=form.get("return_url"), verlaengert="ja")
    return here.redirect(here.url(f"/termin/{appointment_id}{page}") + carried)


@get("/{tenant:str}/termin/{appointment_id:uuid}/pruefen", include_in_schema=False)
async def check(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    _, appointment = await here.appointment(appointment_id)
    if _is_past_binding(appointment):
        return here.redirect(here.url(f"/termin/{appointment.id}"))
    if appointment.contact is None:
        return here.redirect(here.url(f"/termin/{appointment.id}/kontakt") + query(_carried(here)))
    return _check_page(here, appointment, _carried(here))


@post("/{tenant:str}/termin/{appointment_id:uuid}/pruefen", include_in_schema=False)
async def confirm(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    """The binding step. Pressed twice, it is one."""
    here = await enter(request, tenant)
    access, appointment = await here.appointment(appointment_id)
    if appointment.contact is None:
        return here.redirect(here.url(f"/termin/{appointment.id}/kontakt"))
    form = await here.form()
    wish = Confirmation(
        contact=msgspec.structs.replace(appointment.contact, language=here.t.code),
        payment="counter" if form.get("payment") == "counter" else "online",
        return_url=form.get("return_url") or None,
    )
    wiring = here.wiring
    try:
        gate = await gate_of(request, tenant, wish.contact, form.get("altcha"))
        booked = await confirm_appointment(wiring.pool, wiring.checkout, wiring.clock, access, wish, gate)
    except PaymentAway:
        _, appointment = await here.appointment(appointment_id)  # bound by now, and on its way to the checkout
        return here.page("payment_away.html", status=503, appointment=appointment, carried=form)
    except Invalid as error:
        if all(field != "altcha" for field, _ in error.errors):
            raise
        return _check_page(here, appointment, {name: form[name] for name in CARRIED if name in form}, unproved=True)
    return here.redirect(here.checkout_of(booked) or here.url(f"/termin/{booked.id}"))


def may_choose_payment(appointment: AppointmentView) -> bool:
    return appointment.fee is not None and appointment.payment.policy == "online_optional"


def pays_online(appointment: AppointmentView, wish: str) -> bool:
    policy = appointment.payment.policy
    return bool(appointment.fee and appointment.fee.amount_cents) and (
        policy == "online_required" or (policy == "online_optional" and wish != "counter")
    )


def _contact_page(
    here: Visit, appointment: AppointmentView, form: dict[str, str], errors: dict[str, str], status: int = 200
) -> Response[str]:
    return here.page(
        "contact.html",
        status=status,
        appointment=appointment,
        form=form,
        errors=errors,
        may_choose_payment=may_choose_payment(appointment),
        facts=fact_rows(here, appointment),
        **hold_facts(here, appointment),
    )


def _check_page(
    here: Visit, appointment: AppointmentView, carried: dict[str, str], *, unproved: bool = False
) -> Response[str]:
    """`unproved`: the step was taken without what stands before it: a challenge, or a mail address in its place."""
    return here.page(
        "check.html",
        status=400 if unproved else 200,
        unproved=unproved,
        appointment=appointment,
        carried=carried,
        pays_online=pays_online(appointment, carried.get("payment", "")),
        facts=fact_rows(here, appointment),
        **hold_facts(here, appointment),
    )


def _carried(here: Visit) -> dict[str, str]:
    """What travels from page to page without being about a person."""
    asked = here.request.query_params
    return {name: asked[name] for name in CARRIED if name in asked}


def _is_past_binding(appointment: AppointmentView) -> bool:
    return appointment.state != "held" or appointment.is_bound


ROUTES = (reserve, ask_contact, give_contact, extend, check, confirm)
