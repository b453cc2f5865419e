"""All pages under one router: its guard keeps foreign forms out, its handlers say conflicts in words."""

from typing import Any

from litestar import Response, Router

from booking.domain.errors import BookingError, Conflict, TooManyBookings, TooManyHolds, Unauthorised
from booking.web.limits import Limits
from booking.web.pages import (
    activation,
    arrival,
    catalogue,
    change_items,
    earlier,
    elsewhere,
    erasure,
    invitation,
    items,
    legal,
    manage,
    move,
    payment,
    rebook,
    refusal,
    reserve,
    responsible,
    times,
)
from booking.web.pages.visit import Tenants
from kit.problems import retry_after
from kit.requests import AnyRequest
from kit.web.security import same_origin
from kit.web.site import Site

KNOWN = {
    "hold_expired",
    "hold_exhausted",
    "slot_taken",
    "payment_pending",
    "paid_online_only",
    "too_early",
    "too_late",
    "too_many_holds",
    "too_many_bookings",
}


def make_router() -> Router:
    groups = (
        catalogue,
        responsible,
        items,
        times,
        elsewhere,
        reserve,
        activation,
        arrival,
        manage,
        move,
        change_items,
        rebook,
        earlier,
        invitation,
        refusal,
        payment,
        erasure,
        legal,
    )
    return Router(
        "/",
        route_handlers=[handler for group in groups for handler in group.ROUTES],
        guards=[same_origin],
        exception_handlers={
            Unauthorised: _on_unknown_link,
            Conflict: _on_conflict,
            TooManyHolds: _on_conflict,
            TooManyBookings: _on_conflict,
        },
    )


def _on_unknown_link(request: AnyRequest, _: Unauthorised) -> Response[Any]:
    site: Site = request.app.state.site
    limits: Limits = request.app.state.limits
    if refusal := limits.count_failure(request):
        return site.error_page(request, refusal, refusal.status)
    brand = site.brands.known(request.path_params["tenant"])
    is_clerks = "/verhindert/" in request.url.path
    return site.page(request, brand, "link_gone.html", status=401, is_clerks=is_clerks)


def _on_conflict(request: AnyRequest, error: BookingError) -> Response[Any]:
    site: Site = request.app.state.site
    tenants: Tenants = request.app.state.tenants
    slug = request.path_params["tenant"]
    page = site.page(
        request,
        site.brands.known(slug),
        "problem.html",
        status=error.status,
        profile=tenants.known(slug),
        text=f"problem.{error.code if error.code in KNOWN else 'conflict'}",
        appointment_id=request.path_params.get("appointment_id"),
        switch_path=_own_page(request),
    )
    page.headers.update(retry_after(error) or {})
    return page


def _own_page(request: AnyRequest) -> str:
    """A language link on the answer to a form leads to the appointment, not to an address that takes forms only."""
    id_ = request.path_params.get("appointment_id")
    return f"/{request.path_params['tenant']}/termin/{id_}" if id_ else ""
