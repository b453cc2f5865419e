"""Other services or more persons for a visit that is booked: chosen, told what that changes, then made binding."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from booking.domain.catalogue import Catalogue
from booking.domain.combining import WantedVisit
from booking.domain.errors import Conflict, Invalid, SlotTaken, TooLate
from booking.domain.visit_plan import RequestedItem
from booking.usecases.change_items import ItemChange, ItemsPreview, change_visit_items, preview_visit_items
from booking.usecases.view_appointment import AppointmentView
from booking.web.pages.choice import read_items, write_items
from booking.web.pages.items import GO_ON, edit_items, is_edit, items_form, search_of
from booking.web.pages.manage import fee_text, item_rows
from booking.web.pages.visit import Visit, enter, query
from kit.requests import AnyRequest
from kit.web.formats import Formats


@get("/{tenant:str}/termin/{appointment_id:uuid}/leistungen", include_in_schema=False)
async def choose(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    here = await enter(request, tenant)
    _, appointment = await here.appointment(appointment_id)
    _require_changeable(here, appointment)
    catalogue = await here.wiring.catalogues.get_public(tenant)
    if any(item.service_id not in catalogue.services for item in appointment.items):
        return here.page("problem.html", status=409, text="change.by_phone", appointment_id=appointment.id)
    change, asked = _read(catalogue, appointment, request.query_params), request.query_params
    if is_edit(asked):
        items = tuple(edit_items(catalogue, change.items, asked))
        if GO_ON in asked:
            return here.redirect(_url(here, appointment, "/pruefen") + query(items=write_items(items)))
        return here.redirect(_url(here, appointment) + query(items=write_items(items), q=search_of(asked)))
    return await _choosing_page(here, catalogue, appointment, change)


@get("/{tenant:str}/termin/{appointment_id:uuid}/leistungen/pruefen", include_in_schema=False)
async def check(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    """Says what the change brings, the money first of all; where its time does not suffice, which others do."""
    here = await enter(request, tenant)
    access, appointment = await here.appointment(appointment_id)
    _require_changeable(here, appointment)
    catalogue = await here.wiring.catalogues.get_public(tenant)
    change = _read(catalogue, appointment, request.query_params)
    if change == ItemChange(_items(appointment)):
        return here.redirect(_url(here, appointment) + query(unveraendert="ja"))
    try:
        preview = await preview_visit_items(here.wiring.pool, catalogue, here.wiring.clock, access, change)
    except SlotTaken as error:
        return _times_page(here, appointment, change, error)
    except Invalid:
        return await _choosing_page(here, catalogue, appointment, change, refused=True)
    after = here.in_words(preview.after)
    return here.page(
        "change_check.html",
        appointment=appointment,
        after=after,
        rows=[
            (here.t("fact.what"), item_rows(here, after)),
            (here.t("fact.documents"), after.documents),
            (here.t("change.fee_before"), fee_text(here, appointment)),
            (here.t("change.fee_after"), fee_text(here, after)),
        ],
        money=_money_text(here, appointment, preview),
        back=_url(here, appointment) + query(items=write_items(change.items)),
        hidden={"items": write_items(change.items)} | ({"start": change.start.isoformat()} if change.start else {}),
    )


@post("/{tenant:str}/termin/{appointment_id:uuid}/leistungen", include_in_schema=False)
async def change(request: AnyRequest, tenant: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Any]:
    """The binding step. Pressed twice, it is one."""
    here = await enter(request, tenant)
    access, appointment = await here.appointment(appointment_id)
    catalogue = await here.wiring.catalogues.get_public(tenant)
    wanted = _read(catalogue, appointment, await here.form())
    try:
        await change_visit_items(here.wiring.pool, catalogue, here.wiring.clock, access, wanted)
    except SlotTaken as error:
        return _times_page(here, appointment, wanted, error, status=409)
    except Invalid:
        return await _choosing_page(here, catalogue, appointment, wanted, refused=True)
    return here.redirect(here.url(f"/termin/{appointment.id}") + query(geaendert="ja"))


def _require_changeable(here: Visit, appointment: AppointmentView) -> None:
    """Raises Conflict, TooLate."""
    if appointment.state != "confirmed":
        raise Conflict("Only a visit that is booked can be changed.")
    if appointment.reschedule_until <= here.wiring.clock():
        raise TooLate("It can be changed by phone only.")


def _url(here: Visit, appointment: AppointmentView, page: str = "") -> str:
    return here.url(f"/termin/{appointment.id}/leistungen{page}")


def _items(appointment: AppointmentView) -> tuple[RequestedItem, ...]:
    return tuple(RequestedItem(item.service_id, item.quantity) for item in appointment.items)


def _read(catalogue: Catalogue, appointment: AppointmentView, values: Mapping[str, str]) -> ItemChange:
    """From the address or a form; what it says nothing of stays. Raises NotFound, Invalid."""
    items = tuple(read_items(catalogue, values.get("items", ""))) or _items(appointment)
    return ItemChange(items, _read_start(values["start"]) if values.get("start") else None)


def _read_start(text: str) -> datetime:
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        start = None
    if start is None or start.tzinfo is None:
        raise Invalid.field("start", "expected a time of the list")
    return start


async def _choosing_page(
    here: Visit, catalogue: Catalogue, appointment: AppointmentView, change: ItemChange, *, refused: bool = False
) -> Response[str]:
    """`refused`: each can be booked, but not with whom this visit is."""
    wanted = WantedVisit(change.items, appointment.channel, appointment.location.id)
    form = await items_form(here, catalogue, wanted)
    if refused and not form["obstacle"]:
        form |= {"obstacle": here.t("change.refused"), "totals": []}
    return here.page(
        "change_items.html",
        status=400 if refused else 200,
        appointment=appointment,
        path=_url(here, appointment),
        hidden={"items": write_items(change.items)},
        unchanged="unveraendert" in here.request.query_params,
        **form,
    )


def _times_page(
    here: Visit, appointment: AppointmentView, change: ItemChange, error: SlotTaken, status: int = 200
) -> Response[str]:
    """`status` 409: the time was there, and somebody was quicker."""
    items = write_items(change.items)
    return here.page(
        "change_times.html",
        status=status,
        appointment=appointment,
        times=[
            (start, _url(here, appointment, "/pruefen") + query(items=items, start=start.isoformat()))
            for start in sorted(error.alternatives)
        ],
        back=_url(here, appointment) + query(items=items),
    )


def _money_text(here: Visit, before: AppointmentView, preview: ItemsPreview) -> str:
    f, after = Formats(here.t), preview.after
    was, due = (
        view.payment.due_at_counter.amount_cents if view.payment.due_at_counter else 0 for view in (before, after)
    )
    if preview.back_cents:
        return here.t("change.back", amount=f.money(preview.back_cents))
    if due > was:
        return here.t("change.more", amount=f.money(due - was), due=f.money(due))
    if due < was:
        return here.t("change.less" if due else "change.nothing", amount=f.money(was - due), due=f.money(due))
    return here.t("change.same")


ROUTES = (choose, check, change)
