"""The receipt as a page and as a PDF, and the public page that says whether one is genuine."""

import asyncio
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from kit.requests import AnyRequest
from kit.web.formats import Formats
from kit.web.qr import qr_inline
from payment.domain.receipt import Receipt
from payment.usecases.read_receipt import read_receipt, verification_url, verify_receipt
from payment.web.pages import brand_of, require_cookie, site_of
from payment.web.receipt_pdf import draw_receipt
from payment.web.wiring import tools_of


@get("/{tenant:str}/kasse/{payment_id:uuid}/beleg", include_in_schema=False)
async def receipt(request: AnyRequest, tenant: FromPath[str], payment_id: FromPath[UUID]) -> Response[str]:
    brand = await brand_of(request, tenant)
    require_cookie(request, payment_id)
    found = await read_receipt(tools_of(request), tenant, payment_id)
    url = verification_url(tools_of(request), found.payment)
    own = site_of(request).link(request, brand)(f"/kasse/{payment_id}")
    context = _context(found) | {"own": own, "verification_url": url, "qr": qr_inline(url)}
    return site_of(request).page(request, brand, "receipt.html", **context)


@get("/{tenant:str}/kasse/{payment_id:uuid}/beleg.pdf", include_in_schema=False)
async def receipt_pdf(request: AnyRequest, tenant: FromPath[str], payment_id: FromPath[UUID]) -> Response[bytes]:
    """In the page's language. Drawn in a thread: it takes some 30 ms of computing."""
    brand = await brand_of(request, tenant)
    require_cookie(request, payment_id)
    found = await read_receipt(tools_of(request), tenant, payment_id)
    url, t = verification_url(tools_of(request), found.payment), site_of(request).language(request)
    pdf = await asyncio.to_thread(draw_receipt, found, url, t, brand.primary)
    name = f"{t('receipt.file')}-{found.payment.treasury_reference.replace('/', '-')}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(pdf, media_type="application/pdf", headers=headers)


@get("/{tenant:str}/quittung/{token:str}", include_in_schema=False)
async def verify(request: AnyRequest, tenant: FromPath[str], token: FromPath[str]) -> Response[str]:
    """For whoever is shown a receipt: that it is ours, how much, when, its Kassenzeichen and what of it went back."""
    brand = await brand_of(request, tenant)
    found = await verify_receipt(tools_of(request), tenant, token)
    context: dict[str, Any] = {"word": "unknown"} if found is None else _facts(request, found)
    status = 200 if found else 404
    page = site_of(request).page(request, brand, "verification.html", status=status, **context)
    page.headers.update({"X-Robots-Tag": "noindex", "Cache-Control": "no-store"})
    return page


def _facts(request: AnyRequest, found: Receipt) -> dict[str, str]:
    f, has_returns = Formats(site_of(request).language(request)), found.gone.amount_cents > 0
    return {
        "word": "genuine" if not has_returns else "reduced" if found.kept.amount_cents else "returned",
        "amount": f.money(found.paid.amount_cents, found.paid.currency),
        "paid_at": f.moment(found.paid_at, found.issuer.time_zone),
        "reference": found.payment.treasury_reference,
        "gone": f.money(found.gone.amount_cents, found.gone.currency) if has_returns else "",
        "kept": f.money(found.kept.amount_cents, found.kept.currency) if has_returns else "",
    }


def _context(found: Receipt) -> dict[str, Any]:
    return {"receipt": found, "payment": found.payment, "items": found.items, "zone": found.issuer.time_zone}


ROUTES = [receipt, receipt_pdf, verify]
