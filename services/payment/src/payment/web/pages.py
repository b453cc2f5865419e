"""The citizen's pages: checkout, way to the provider and back, state, receipt. They work without JavaScript.

The link from the caller (`/checkout/<token>`) is swapped for a cookie that goes to this payment's pages alone, so that
no later address holds a secret. The way back from the provider needs no cookie: it only asks the provider how things
stand, and leads on to the caller.
"""

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from kit.requests import AnyRequest
from kit.tokens import TokenInvalid, read_id
from kit.web.brand import Brand
from kit.web.cookies import session_cookie
from kit.web.security import same_origin
from kit.web.site import Site
from payment.domain.errors import (
    BegunElsewhere,
    PaymentError,
    PaymentMissing,
    PaymentOver,
    ProviderRefused,
    ProviderUnavailable,
    Unauthorised,
)
from payment.domain.payment import Method
from payment.domain.timeline import Step
from payment.usecases.choose_method import choose_method
from payment.usecases.end_transaction import end_transaction
from payment.usecases.read_payment import CHECKED
from payment.usecases.show_checkout import Checkout, look_again, show_checkout
from payment.usecases.tell_timeline import tell_timeline
from payment.usecases.tools import WAY_BACK
from payment.web.wiring import tools_of

COOKIE = "schalter_payment"
REFRESH_S = 3
SETTLED = ("authorised", "capturing", "paid")
Notice = Literal["declined", "back"]


class PayForm(msgspec.Struct, frozen=True):
    method: Method


def site_of(request: AnyRequest) -> Site:
    site: Site = request.app.state.site
    return site


async def brand_of(request: AnyRequest, tenant: str) -> Brand:
    brand = await site_of(request).brands.find(tenant)
    if brand is None:
        raise PaymentMissing("There is no such tenant.")
    return brand


def require_cookie(request: AnyRequest, payment_id: UUID) -> None:
    """Raises Unauthorised."""
    if not _names(request, "checkout", request.cookies.get(COOKIE, ""), payment_id):
        raise Unauthorised("Open the payment again from where you began.")


def require_way_back(request: AnyRequest, payment_id: UUID, back: str) -> None:
    """A provider leads back to an address that only we can make, also to a browser without the cookie, as after a
    banking app. A stranger who knows the payment's id learns nothing from it: the caller's address may hold a token.

    Raises Unauthorised.
    """
    if not _names(request, WAY_BACK, back, payment_id):
        require_cookie(request, payment_id)


def _names(request: AnyRequest, purpose: str, token: str, payment_id: UUID) -> bool:
    try:
        return read_id(tools_of(request).link_key, purpose, token) == payment_id
    except TokenInvalid:
        return False


@get("/{tenant:str}/checkout/{token:str}", include_in_schema=False)
async def enter(request: AnyRequest, tenant: FromPath[str], token: FromPath[str]) -> Redirect:
    tools, site, brand = tools_of(request), site_of(request), await brand_of(request, tenant)
    try:
        payment_id = read_id(tools.link_key, "checkout", token)
    except TokenInvalid:
        raise Unauthorised("This link is not valid.") from None
    shown = await show_checkout(tools, tenant, payment_id)
    path = site.link(request, brand)(f"/kasse/{payment_id}")
    language = _language_of_caller(request, shown)
    cookie = session_cookie(COOKIE, token, secure=site.secure, path=path)
    return site.redirect(request, f"{path}?lang={language}" if language else path, [cookie])


def _language_of_caller(request: AnyRequest, shown: Checkout) -> str | None:
    """As the link says, or as the payment was begun. By XBezahldienste no caller says: then it is the browser's."""
    wish: str | None = request.query_params.get("lang")
    if wish in site_of(request).languages.codes:
        return wish
    return None if shown.is_transaction else shown.payment.language


@get("/{tenant:str}/kasse/{payment_id:uuid}", include_in_schema=False)
async def checkout(
    request: AnyRequest, tenant: FromPath[str], payment_id: FromPath[UUID], notice: FromQuery[Notice | None] = None
) -> Response[Any]:
    brand = await brand_of(request, tenant)
    require_cookie(request, payment_id)
    shown = await show_checkout(tools_of(request), tenant, payment_id)
    if not shown.payment.is_open or _time_left(request, shown) <= timedelta(0):
        return await _state_page(request, brand, shown)
    return _checkout_page(request, brand, shown, notice)


@post("/{tenant:str}/kasse/{payment_id:uuid}/zahlung", include_in_schema=False, guards=[same_origin])
async def pay(
    request: AnyRequest, tenant: FromPath[str], payment_id: FromPath[UUID], data: URLEncodedBody[PayForm]
) -> Response[Any]:
    tools, site, brand = tools_of(request), site_of(request), await brand_of(request, tenant)
    require_cookie(request, payment_id)
    own = site.link(request, brand)(f"/kasse/{payment_id}")
    try:
        address = await choose_method(tools, tenant, payment_id, data.method)
    except PaymentOver:
        return site.redirect(request, f"{own}/stand")
    except (BegunElsewhere, ProviderRefused, ProviderUnavailable) as error:
        return _with_problem(request, brand, await show_checkout(tools, tenant, payment_id), error)
    return site.redirect(request, address or f"{own}/stand")


@post("/{tenant:str}/kasse/{payment_id:uuid}/ende", include_in_schema=False, guards=[same_origin])
async def end(request: AnyRequest, tenant: FromPath[str], payment_id: FromPath[UUID]) -> Redirect:
    """The citizen wants no more, where only the citizen can say so. The state page leads on to the caller."""
    site, brand = site_of(request), await brand_of(request, tenant)
    require_cookie(request, payment_id)
    await end_transaction(tools_of(request), tenant, payment_id)
    return site.redirect(request, site.link(request, brand)(f"/kasse/{payment_id}/stand"))


@get("/{tenant:str}/kasse/{payment_id:uuid}/zurueck", include_in_schema=False)
async def come_back(
    request: AnyRequest,
    tenant: FromPath[str],
    payment_id: FromPath[UUID],
    attempt: FromQuery[UUID | None] = None,
    back: FromQuery[str] = "",
) -> Redirect:
    """From the provider's page, after paying: the truth is read from the provider, never from this address."""
    return await _come_from_provider(request, tenant, payment_id, attempt, back, "/stand")


@get("/{tenant:str}/kasse/{payment_id:uuid}/abbruch", include_in_schema=False)
async def give_up(
    request: AnyRequest,
    tenant: FromPath[str],
    payment_id: FromPath[UUID],
    attempt: FromQuery[UUID | None] = None,
    back: FromQuery[str] = "",
) -> Redirect:
    """From the provider's page, without paying."""
    return await _come_from_provider(request, tenant, payment_id, attempt, back, "?notice=back")


async def _come_from_provider(
    request: AnyRequest, tenant: str, payment_id: UUID, attempt: UUID | None, back: str, to: str
) -> Redirect:
    brand = await brand_of(request, tenant)
    require_way_back(request, payment_id, back)
    shown = await look_again(tools_of(request), tenant, payment_id, attempt)
    return _lead_on(request, brand, shown, to)


@get("/{tenant:str}/kasse/{payment_id:uuid}/stand", include_in_schema=False)
async def state(request: AnyRequest, tenant: FromPath[str], payment_id: FromPath[UUID]) -> Response[str]:
    brand = await brand_of(request, tenant)
    require_cookie(request, payment_id)
    return await _state_page(request, brand, await look_again(tools_of(request), tenant, payment_id))


def _lead_on(request: AnyRequest, brand: Brand, shown: Checkout, otherwise: str) -> Redirect:
    site, payment = site_of(request), shown.payment
    if payment.state in SETTLED:
        return site.redirect(request, payment.return_url)
    if payment.is_open and shown.was_declined:
        otherwise = "?notice=declined"
    elif payment.is_open and shown.is_open_elsewhere:
        otherwise = "?notice=back"
    return site.redirect(request, site.link(request, brand)(f"/kasse/{payment.id}{otherwise}"))


def _checkout_page(request: AnyRequest, brand: Brand, shown: Checkout, notice: Notice | None) -> Response[str]:
    context = _context(request, brand, shown)
    return site_of(request).page(request, brand, "checkout.html", notice=notice, **context)


def _with_problem(request: AnyRequest, brand: Brand, shown: Checkout, error: PaymentError) -> Response[str]:
    """The answer to a form: its language links lead to the page itself, since the form's address takes no GET."""
    context = _context(request, brand, shown)
    context |= {"notice": error.code, "switch_path": context["own"]}
    return site_of(request).page(request, brand, "checkout.html", status=error.status, **context)


async def _state_page(request: AnyRequest, brand: Brand, shown: Checkout) -> Response[str]:
    """Looks again by itself until it is final. By header, so that the page may also be loaded again by hand."""
    steps = await tell_timeline(tools_of(request), shown)
    word = "checking_long" if _is_told(shown, steps) else _state_word(request, shown)
    context = _context(request, brand, shown)
    response = site_of(request).page(request, brand, "state.html", word=word, steps=steps, **context)
    if word == "checking":
        own = site_of(request).link(request, brand)(f"/kasse/{shown.payment.id}/stand")
        response.headers["Refresh"] = f"{REFRESH_S}; url={own}"
    return response


def _is_told(shown: Checkout, steps: list[Step]) -> bool:
    """That it has been unknown for 15 minutes, and nothing has come of it since."""
    return shown.payment.state in CHECKED and "checking" in {step.word for step in steps}


def _state_word(request: AnyRequest, shown: Checkout) -> str:
    match shown.payment.state:
        case "created" | "pending" if not shown.payment.is_open or _time_left(request, shown) <= timedelta(0):
            return "checking"
        case "created":
            return "open"
        case "pending":
            return "checking" if shown.live else "open"
        case "authorised" | "capturing":
            return "authorised"
        case "voiding":
            return "cancelled"
        case "expiring":
            return "checking"
        case "paid" if shown.payment.refunded_cents >= shown.payment.amount_cents:
            return "refunded"
        case word:
            return word


def _context(request: AnyRequest, brand: Brand, shown: Checkout) -> dict[str, Any]:
    payment = shown.payment
    own = site_of(request).link(request, brand)(f"/kasse/{payment.id}")
    return {
        "payment": payment,
        "items": shown.items,
        "settled": shown.settled,
        "methods": shown.methods,
        "is_transaction": shown.is_transaction,
        "minutes_left": max(1, round(_time_left(request, shown).total_seconds() / 60)),
        "paid_at": shown.paid_at,
        "own": own,
        "zone": shown.time_zone,
    }


def _time_left(request: AnyRequest, shown: Checkout) -> timedelta:
    return shown.payment.expires_at - tools_of(request).clock()


ROUTES = [enter, checkout, pay, end, come_back, give_up, state]
