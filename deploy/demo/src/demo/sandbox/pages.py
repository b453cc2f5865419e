"""The hosted pages: here a person pays, is declined, or leaves, as on a provider's own page."""

from typing import Annotated
from urllib.parse import urlencode, urlsplit

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromPath
from litestar.response import Redirect

from demo.sandbox import cashier
from demo.sandbox.accounts import Provider
from demo.sandbox.cashier import Choice
from demo.sandbox.desk import Desk
from demo.sandbox.sale import Sale
from kit.requests import AnyRequest
from kit.web.security import content_security_policy
from kit.web.site import Site

PROVIDERS: dict[str, Provider] = {"stripe": "stripe", "paypal": "paypal"}


class Pressed(msgspec.Struct, frozen=True):
    choice: Choice
    number: str = "4242424242424242"


def _open(request: AnyRequest, provider: str, sale_id: str) -> tuple[Desk, Sale]:
    desk: Desk = request.app.state.desk
    with desk.book.transaction():
        sale = desk.find_sale(PROVIDERS[provider], sale_id) if provider in PROVIDERS else None
    if sale is None or sale.id != sale_id:
        raise NotFoundException
    return desk, sale


ANYWHERE = ("https:", "http:")
"""Chromium holds every redirect that follows a form against `form-action`, and a shop leads on from its return address
to places that a provider cannot know: payment to the portal, for one."""


@get("/pay/{provider:str}/{sale_id:str}")
async def show(request: AnyRequest, provider: FromPath[str], sale_id: FromPath[str]) -> Response[str]:
    site: Site = request.app.state.site
    _, sale = _open(request, provider, sale_id)
    onward = sale.cancel_url if sale.state == "expired" else success_url(sale)
    page = site.page(request, None, "pay.html", sale=sale, onward=onward, is_card=provider == "stripe")
    page.headers["Content-Security-Policy"] = content_security_policy(ANYWHERE)
    return page


@post("/pay/{provider:str}/{sale_id:str}")
async def choose(
    request: AnyRequest,
    provider: FromPath[str],
    sale_id: FromPath[str],
    data: Annotated[Pressed, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Redirect:
    """A second click finds the sale no longer open and only follows the first."""
    desk, sale = _open(request, provider, sale_id)
    if sale.state == "open":
        with desk.book.transaction():
            cashier.serve(desk, sale, data.choice, data.number)
    return Redirect(_next(request, sale, data.choice), status_code=303)


def _next(request: AnyRequest, sale: Sale, choice: str) -> str:
    if choice == "abandon" and sale.state == "open":
        return cancel_url(sale)
    if sale.state in ("open", "expired"):
        query = request.scope["query_string"].decode()
        return request.url.path + (f"?{query}" if query else "")
    return success_url(sale)


def success_url(sale: Sale) -> str:
    """Stripe fills in its placeholder; PayPal adds the order and the payer."""
    if sale.provider == "stripe":
        return sale.success_url.replace("{CHECKOUT_SESSION_ID}", sale.id)
    return _with_query(sale.success_url, token=sale.id, PayerID="SANDBOXPAYER1")


def cancel_url(sale: Sale) -> str:
    return sale.cancel_url if sale.provider == "stripe" else _with_query(sale.cancel_url, token=sale.id)


def _with_query(url: str, **values: str) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(values)}"
