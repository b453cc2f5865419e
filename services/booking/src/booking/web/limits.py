"""Rates of requests by client: generous for reading, narrow for holding, and narrowest where something can be guessed.

They are counted in each worker's memory, before a body is read: the database never hears of what is refused. A cap that
must be exact (open holds, bookings) is counted in the database instead: `usecases/hold_fairly.py`, `usecases/admit.py`.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any, Final, Literal, NamedTuple, cast

from litestar import Request
from litestar.types import HTTPScope, Scope
from prometheus_client import Counter

from booking.domain.errors import TooMany, Unauthorised
from booking.settings import Settings
from booking.web.client import portal_of
from kit.rates import Rates, parse_rate
from kit.web.client import client_of

RouteClass = Literal["search", "list", "hold", "challenge", "lost_link", "other"]
REFUSED = Counter("booking_requests_refused", "Requests refused by a rate", ["rate"])

_CLASSES: Final[Mapping[tuple[str, str], RouteClass]] = {
    ("GET", "/v1/tenants/{tenant}/services"): "search",
    ("GET", "/v1/tenants/{tenant}/search"): "search",
    ("GET", "/{tenant}/suche"): "search",
    ("POST", "/v1/tenants/{tenant}/responsibility"): "search",
    ("POST", "/{tenant}/termin/zustaendigkeit"): "search",
    ("GET", "/v1/tenants/{tenant}/availability"): "list",
    ("GET", "/v1/tenants/{tenant}/earliest"): "list",
    ("GET", "/v1/earliest"): "search",
    ("GET", "/{tenant}/termin"): "list",
    ("GET", "/{tenant}/termin/ueberall"): "search",
    ("GET", "/{tenant}/termin/anliegen"): "search",
    ("GET", "/{tenant}/termin/tag"): "list",
    ("POST", "/v1/tenants/{tenant}/appointments"): "hold",
    ("POST", "/{tenant}/termin/reservierung"): "hold",
    ("GET", "/v1/tenants/{tenant}/challenge"): "challenge",
    ("POST", "/v1/tenants/{tenant}/find-appointment"): "lost_link",
    ("POST", "/{tenant}/termin-finden"): "lost_link",
    ("POST", "/{tenant}/ankunft/{code}"): "lost_link",
}
_FREE: Final = ("/static/", "/health/", "/metrics", "/internal/", "/schema")
"""What browsers fetch by themselves, and what only the house's own programs ask for."""

_WITH_TOKEN: Final = (
    "/v1/appointments/",
    "/v1/staff/",
    "/v1/invitation",
    "/zugang/",
    "/aktivierung/",
    "/einladung/",
    "/verhindert/",
    "{appointment_id}",
)
"""Where a token can be tried. Who mistyped a link may still look for a service."""


class _Rule(NamedTuple):
    name: RouteClass | None
    """None: not counted."""
    has_token: bool


AnyRequest = Request[Any, Any, Any]
Limit = Callable[[AnyRequest], Awaitable[None]]
Charge = Callable[[Exception, Scope], Awaitable[None]]


def make_limits(settings: Settings) -> tuple[Limit, Charge]:
    """What Litestar calls before each request, and after each error."""
    classes = {name: _rates(getattr(settings, f"rate_{name}")) for name in {*_CLASSES.values(), "other"}}
    failures = _rates(settings.rate_failures)

    async def limit(request: AnyRequest) -> None:
        """Raises TooMany."""
        rule = _rule_of(request.method, request.scope["path_template"])
        if rule.name is None:
            return
        now, client = time.monotonic(), client_of(request, settings.trusted_proxies)
        if rule.has_token and failures and (wait_s := failures.wait(client, now)):
            _refuse("failures", wait_s)
        rates = classes[rule.name]
        if rates and (wait_s := rates.take(client, now)) and portal_of(request) is None:
            _refuse(rule.name, wait_s)

    async def charge(error: Exception, scope: Scope) -> None:
        """A wrong token, of staff or of a citizen, is what guessing looks like."""
        if failures and isinstance(error, Unauthorised):
            failures.take(client_of(Request(cast("HTTPScope", scope)), settings.trusted_proxies), time.monotonic())

    return limit, charge


def _rates(text: str) -> Rates | None:
    rate = parse_rate(text)
    return Rates(rate) if rate else None


@cache
def _rule_of(method: str, template: str) -> _Rule:
    """Asked once for each route: there are as many as the application has."""
    if template.startswith(_FREE):
        return _Rule(None, has_token=False)
    return _Rule(_CLASSES.get((method, template), "other"), has_token=any(part in template for part in _WITH_TOKEN))


def _refuse(rate: str, wait_s: float) -> None:
    REFUSED.labels(rate).inc()
    raise TooMany("Too many requests from your address. Try again in a moment.", retry_after_s=wait_s)
