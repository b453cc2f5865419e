"""The portal's pages and its ear for webhooks."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.exceptions import ClientException, HTTPException, NotFoundException
from litestar.params import FromPath

from demo.portal.clients import Booking, Tenant, Unavailable
from demo.portal.document import make_extract
from demo.portal.form import SAMPLE, read_order_id, read_parcel
from demo.portal.orders import Order
from demo.portal.shop import PRICE_CENTS, Shop
from demo.portal.webhooks import is_genuine
from kit.clock import Clock
from kit.ids import uuid7
from kit.requests import AnyRequest
from kit.tokens import TokenInvalid, read_id, sign_id
from kit.web.brand import Brand
from kit.web.site import Site

COOKIE = "schalter_portal"
UNDER_WAY = {None, "created", "pending", "authorised", "capturing"}
BODY_MAX = 64 * 1024


class Portal(msgspec.Struct, frozen=True):
    """What the handlers work with."""

    site: Site
    brand: Brand
    shop: Shop
    booking: Booking
    clock: Clock


def of(request: AnyRequest) -> Portal:
    portal: Portal = request.app.state.portal
    return portal


@get("/", include_in_schema=False)
async def home(request: AnyRequest) -> Response[str]:
    portal = of(request)
    try:
        tenants: list[Tenant] | None = await portal.booking.list_tenants()
    except Unavailable:
        tenants = None
    return portal.site.page(
        request,
        portal.brand,
        "home.html",
        tenants=tenants,
        mailbox_url=portal.shop.settings.mailbox_url,
        booking_url=portal.shop.settings.booking_url,
        price_cents=PRICE_CENTS,
    )


@get("/liegenschaftskarte", include_in_schema=False)
async def show_form(request: AnyRequest) -> Response[str]:
    return _form_page(request, {**SAMPLE, "order": str(uuid7())}, {})


@post("/liegenschaftskarte", include_in_schema=False)
async def order_extract(request: AnyRequest) -> Response[Any]:
    portal, form = of(request), {key: str(value) for key, value in (await request.form()).items()}
    parcel, errors = read_parcel(form)
    if parcel is None:
        return _form_page(request, form, errors, status=400)
    order_id, language = read_order_id(form), portal.site.language(request).code
    order = portal.shop.orders.add(order_id, parcel, language, portal.clock())
    if order.parcel != parcel:  # they went back and changed it: that is another order
        order = portal.shop.orders.add(uuid7(), parcel, language, portal.clock())
    try:
        next_url = await portal.shop.begin_payment(order)
    except Unavailable:
        return _form_page(request, {**form, "order": str(order.id)}, {}, status=503)
    token = sign_id(portal.shop.settings.link_key, "order", order.id)
    return portal.site.redirect(request, next_url, [portal.site.cookie(COOKIE, token)])


def _form_page(request: AnyRequest, form: dict[str, str], errors: dict[str, str], status: int = 200) -> Response[str]:
    portal = of(request)
    t = portal.site.language(request)
    texts = {name: t(key) for name, key in errors.items()}
    return portal.site.page(
        request,
        portal.brand,
        "order_form.html",
        status=status,
        form=form,
        errors=texts,
        price_cents=PRICE_CENTS,
        unavailable=status == 503,
    )


@get("/bestellung/{order_id:uuid}", include_in_schema=False)
async def show_order(request: AnyRequest, order_id: FromPath[UUID]) -> Response[str]:
    """The return from the checkout. That somebody came back proves nothing: payment says whether it is paid."""
    portal = of(request)
    order = await portal.shop.refresh(_own_order(request, order_id))
    return portal.site.page(
        request,
        portal.brand,
        "order.html",
        order=order,
        is_under_way=order.payment_state in UNDER_WAY,
        price_cents=PRICE_CENTS,
    )


@get("/bestellung/{order_id:uuid}/auszug.pdf", include_in_schema=False)
async def deliver(request: AnyRequest, order_id: FromPath[UUID]) -> Response[bytes]:
    order = _own_order(request, order_id)
    if not order.is_paid:
        raise ClientException(status_code=409, detail="The order is not paid yet.")
    return Response(
        make_extract(order, of(request).clock().date()),
        media_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="MUSTER-Auszug-Liegenschaftskarte.pdf"'},
    )


def _own_order(request: AnyRequest, order_id: UUID) -> Order:
    """The order that this browser placed; anybody else's does not exist."""
    portal = of(request)
    try:
        own_id = read_id(portal.shop.settings.link_key, "order", request.cookies.get(COOKIE, ""))
    except TokenInvalid:
        own_id = None
    order = portal.shop.orders.find(order_id) if own_id == order_id else None
    if order is None:
        raise NotFoundException
    return order


class WebhookBody(msgspec.Struct):
    payment_id: UUID


@post("/webhooks/payment", status_code=204, include_in_schema=False, request_max_body_size=BODY_MAX)
async def hear_payment(request: AnyRequest) -> None:
    """Whatever a genuine webhook says, the payment is read again; 503 asks payment to tell us later."""
    portal, body = of(request), await request.body()
    secret = portal.shop.orders.webhook_secret(portal.shop.webhook_url)
    signature = request.headers.get("schalter-signature", "")
    if secret is None or not is_genuine(signature, body, secret, portal.clock()):
        raise ClientException(detail="The signature does not fit.")
    try:
        await portal.shop.hear(msgspec.json.decode(body, type=WebhookBody).payment_id)
    except msgspec.MsgspecError:
        raise ClientException(detail="payment_id is missing.") from None
    except Unavailable as error:
        raise HTTPException(status_code=503, detail="Payment did not answer.") from error
