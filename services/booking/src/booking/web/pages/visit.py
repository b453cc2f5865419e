"""One request to a page: whose pages, which language, which appointments this browser may see."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Literal
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response
from litestar.response import Redirect

from booking.clients.payment import in_language
from booking.domain.catalogue import Catalogue, Service
from booking.domain.errors import NotFound, Unauthorised
from booking.domain.return_url import require_allowed
from booking.domain.visit_plan import RequestedItem
from booking.domain.wording import worded
from booking.store.grants import Scope
from booking.usecases.use_link import use_link
from booking.usecases.view_appointment import Access, AppointmentView, view_appointment
from booking.web.wiring import Wiring, wired
from contracts.tenant import TenantProfile
from kit.requests import AnyRequest
from kit.web.brand import Brand, Brands
from kit.web.language import Language
from kit.web.site import Site

COOKIE = "schalter_booking"
LINKS_MAX = 5
"""Appointments that one browser can have open at once: two tabs, three children."""
SEPARATOR = "~"


class Tenants:
    """Profiles for the legal pages, and the brands made from them."""

    def __init__(self, load: Callable[[], Awaitable[Sequence[TenantProfile]]]) -> None:
        self._load = load
        self._profiles: dict[str, TenantProfile] = {}
        self.brands = Brands(self._read)

    async def get(self, slug: str) -> tuple[Brand, TenantProfile]:
        """Raises NotFound."""
        brand = await self.brands.find(slug)
        if brand is None:
            raise NotFound("There is no such tenant.")
        return brand, self._profiles[slug]

    def known(self, slug: str) -> TenantProfile | None:
        """Without looking again: for the pages that say what went wrong."""
        return self._profiles.get(slug)

    def forget(self) -> None:
        self._profiles = {}
        self.brands.forget()

    async def _read(self) -> list[Brand]:
        self._profiles = {profile.slug: profile for profile in await self._load()}
        return [_brand(profile) for profile in self._profiles.values()]


def _brand(profile: TenantProfile) -> Brand:
    return Brand(
        slug=profile.slug,
        name=profile.name,
        primary=profile.colours.primary,
        on_primary=profile.colours.on_primary,
        accent=profile.colours.accent,
        hosts=profile.hosts,
    )


class Visit:
    def __init__(self, request: AnyRequest, site: Site, brand: Brand, profile: TenantProfile) -> None:
        self.request = request
        self.site = site
        self.brand = brand
        self.profile = profile
        self.t: Language = site.language(request)
        self.url = site.link(request, brand)

    @property
    def wiring(self) -> Wiring:
        return wired(self.request)

    @property
    def tenant(self) -> str:
        return self.profile.slug

    @property
    def today(self) -> date:
        """In this town."""
        return self.wiring.clock().astimezone(ZoneInfo(self.profile.time_zone)).date()

    def page(self, template: str, *, status: int = 200, scripts: bool = False, **context: object) -> Response[str]:
        return self.site.page(
            self.request,
            self.brand,
            template,
            status=status,
            scripts=scripts or bool(self.profile.fairness.challenge),
            profile=self.profile,
            query=query,
            readable=readable,
            challenge=self.challenge,
            **context,
        )

    def challenge(self, action: Literal["hold", "confirm"]) -> str:
        """Where the browser gets the challenge that stands before it; empty where none does."""
        is_asked = action in self.profile.fairness.challenge
        return f"/v1/tenants/{self.tenant}/challenge?action={action}" if is_asked else ""

    def redirect(self, path: str) -> Redirect:
        return self.site.redirect(self.request, path)

    async def form(self) -> dict[str, str]:
        data = await self.request.form()
        return {name: value for name, value in data.items() if isinstance(value, str)}

    async def access(self, appointment_id: UUID, scope: Scope = "manage") -> Access:
        """Whose link this browser has used before. Raises Unauthorised."""
        async for access in self.accesses(scope):
            if access.appointment_id == appointment_id:
                return access
        raise Unauthorised("This link does not work (any more). Have a new one sent to you.")

    async def accesses(self, scope: Scope = "manage") -> AsyncIterator[Access]:
        """What this browser may open in this town, the newest first."""
        wiring = self.wiring
        for token in links_of(self.request):
            try:
                access = await use_link(wiring.pool, wiring.settings.link_key, wiring.clock, token, scope)
            except Unauthorised:
                continue
            if access.tenant == self.tenant:
                yield access

    async def appointment(self, appointment_id: UUID) -> tuple[Access, AppointmentView]:
        access = await self.access(appointment_id)
        return access, await self.view(access)

    async def view(self, access: Access) -> AppointmentView:
        return self.in_words(await view_appointment(self.wiring.pool, access))

    def in_words(self, view: AppointmentView) -> AppointmentView:
        """With its services and what to bring named in the reader's language."""
        items = tuple(
            msgspec.structs.replace(
                item,
                service=worded(self.t.code, item.service, item.service_en),
                documents=worded(self.t.code, item.documents, item.documents_en),
            )
            for item in view.items
        )
        return msgspec.structs.replace(view, items=items, documents=each_once(item.documents for item in items))

    def checkout_of(self, appointment: AppointmentView, language: str | None = None) -> str | None:
        """While it can still be paid; the page goes on in the reader's language, or in this one."""
        page = appointment.payment.next_url
        return in_language(page, language or self.t.code) if page else None

    def check_return_url(self, url: str | None) -> None:
        """At the entrance: a wrong address must not stop the citizen at the binding step. Raises Invalid."""
        settings = self.wiring.settings
        own = (f"https://{host}" for host in self.profile.hosts)
        require_allowed(url, [settings.public_url, *settings.return_origins, *own])

    def remember(self, token: str, path: str, *more: str) -> Redirect:
        """Redirect with the link's token (and `more` that belong to it) in the cookie; the newest stands first."""
        tokens = list(dict.fromkeys([token, *more, *links_of(self.request)]))
        cookie = self.site.cookie(COOKIE, SEPARATOR.join(tokens[:LINKS_MAX]))
        return self.site.redirect(self.request, path, [cookie])


async def enter(request: AnyRequest, tenant: str, reader: Literal["citizen", "clerk"] = "citizen") -> Visit:
    """At the door of each page. A clerk reads it in the language of the mails to clerks, a citizen in the browser's.

    Raises NotFound for an unknown tenant.
    """
    site: Site = request.app.state.site
    tenants: Tenants = request.app.state.tenants
    brand, profile = await tenants.get(tenant)
    if reader == "clerk":
        site.prefer(request, profile.clerk_language)
    return Visit(request, site, brand, profile)


def name_of(service: Service, language: str) -> str:
    return worded(language, service.name, service.name_en)


def documents_of(service: Service, language: str) -> tuple[str, ...]:
    return worded(language, service.documents, service.documents_en)


def each_once(documents: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """What to bring for all of it, whoever asks for it."""
    return tuple(dict.fromkeys(document for some in documents for document in some))


def item_lines(here: Visit, catalogue: Catalogue, items: Sequence[RequestedItem]) -> list[str]:
    """What the visit is for; what is in the catalogue no more has no name."""
    known = [(catalogue.services.get(item.service_id), item.quantity) for item in items]
    return [item_line(here.t, name_of(service, here.t.code), quantity) for service, quantity in known if service]


def item_line(t: Language, service: str, quantity: int) -> str:
    return service if quantity == 1 else t("fact.quantity", service=service, number=quantity)


def links_of(request: AnyRequest) -> list[str]:
    return [token for token in request.cookies.get(COOKIE, "").split(SEPARATOR) if token][:LINKS_MAX]


def readable(email: str | None) -> str | None:
    """As the citizen typed it: browsers send a domain with umlauts as xn--…"""
    local, at, domain = (email or "").rpartition("@")
    try:
        return f"{local}{at}{domain.encode('ascii').decode('idna')}" if at else email
    except UnicodeError:  # not ASCII, so readable as it is; or of a newer standard than Python's
        return email


def query(known: Mapping[str, object] | None = None, /, **values: object) -> str:
    """A query string of what is given: `?day=2027-03-29&quantity=2`. What is None or empty is left out."""
    together = {**(known or {}), **values}
    given = {name: str(value) for name, value in together.items() if value is not None and value != ""}
    return f"?{urlencode(given)}" if given else ""
