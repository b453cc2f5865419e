"""Rates of requests by client: generous for reading, narrow for holding, and narrowest where something can be guessed.

They are counted in each worker's memory, before a body is read: the database never hears of what is refused. A cap that
must be exact (open holds, bookings) is counted in the database instead: `usecases/hold_fairly.py`, `usecases/admit.py`.

A town hall's clerks share one address, as the customers of a mobile network do. So staff's requests count by the
person, and wrong tokens when they turned out to be wrong: a true one is never refused for those. Who guesses meets 128
bits and more.
"""

import time
from collections.abc import Mapping
from functools import cache
from typing import Final, Literal

from prometheus_client import Counter

from booking.domain.errors import TooMany, Unauthorised
from booking.settings import Settings
from booking.web.access import bearer_token
from booking.web.client import portal_of
from booking.web.wiring import wired
from kit.rates import Rates, parse_rate
from kit.requests import AnyRequest
from kit.tokens import TokenInvalid, read_staff
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

_STAFF: Final = "/v1/staff/"


class Limits:
    def __init__(self, settings: Settings) -> None:
        self._classes = {name: _rates(getattr(settings, f"rate_{name}")) for name in {*_CLASSES.values(), "other"}}
        self._failures = _rates(settings.rate_failures)
        self._proxies = settings.trusted_proxies
        self._staff_key = settings.staff_key

    async def check(self, request: AnyRequest) -> None:
        """Before each request. Raises TooMany."""
        template = request.scope["path_template"]
        name = _class_of(request.method, template)
        rates = self._classes[name] if name else None
        if name and rates:
            person = self._person_of(request) if template.startswith(_STAFF) else None
            wait_s = rates.take(person or client_of(request, self._proxies), time.monotonic())
            if wait_s and portal_of(request) is None:
                raise _refusal(name, wait_s)

    def _person_of(self, request: AnyRequest) -> str | None:
        """By a true token alone: who makes them up would be somebody else each time."""
        try:
            claims = read_staff(self._staff_key, bearer_token(request), wired(request).clock())
        except (TokenInvalid, Unauthorised):
            return None
        return f"{claims.tenant}/{claims.subject}"

    def count_failure(self, request: AnyRequest) -> TooMany | None:
        """A token, of staff or of a citizen, was wrong: guessing looks like that. The answer, if it is too often."""
        if self._failures is None:
            return None
        wait_s = self._failures.take(client_of(request, self._proxies), time.monotonic())
        return _refusal("failures", wait_s) if wait_s else None


def _rates(text: str) -> Rates | None:
    rate = parse_rate(text)
    return Rates(rate) if rate else None


@cache
def _class_of(method: str, template: str) -> RouteClass | None:
    """None: not counted. Asked once for each route: there are as many as the application has."""
    return None if template.startswith(_FREE) else _CLASSES.get((method, template), "other")


def _refusal(rate: str, wait_s: float) -> TooMany:
    REFUSED.labels(rate).inc()
    return TooMany("Too many requests from your address. Try again in a moment.", retry_after_s=wait_s)
