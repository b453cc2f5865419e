"""Rates: of each API key and client certificate, and of wrong keys and tokens by the client that tries them.

Counted in each web worker's memory, as booking does (kit/rates.py). A key's requests count once the key was found true:
its prefix is no secret, and nobody shall use up another's.
"""

import time
from typing import Any, cast

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.types import HTTPScope, Scope
from prometheus_client import Counter

from kit.rates import Rates, parse_rate
from kit.web.client import client_of
from payment.domain.errors import TooMany, Unauthorised
from payment.settings import Settings

REFUSED = Counter("payment_requests_refused", "Requests refused by a rate", ["rate"])


class Limits:
    def __init__(self, settings: Settings) -> None:
        self._keys = _rates(settings.rate_key)
        self._failures = _rates(settings.rate_failures)
        self._proxies = settings.trusted_proxies

    def admit_client(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Before a key or token is looked at. Raises TooMany."""
        if self._failures:
            wait_s = self._failures.wait(client_of(connection, self._proxies), time.monotonic())
            _refuse_if(wait_s, "failures", "Too many wrong keys from your address.")

    def count_key(self, prefix: str) -> None:
        """Raises TooMany."""
        self._count(prefix, "Too many requests with this API key.")

    def count_certificate(self, fingerprint: str) -> None:
        """The same rate as a key's: a prefix has no colon. Raises TooMany."""
        self._count(f"certificate:{fingerprint}", "Too many requests with this certificate.")

    def _count(self, caller: str, detail: str) -> None:
        if self._keys:
            _refuse_if(self._keys.take(caller, time.monotonic()), "key", detail)

    async def charge(self, error: Exception, scope: Scope) -> None:
        """A wrong key is what guessing looks like."""
        if self._failures and isinstance(error, Unauthorised):
            client = client_of(Request(cast("HTTPScope", scope)), self._proxies)
            self._failures.take(client, time.monotonic())


def _rates(text: str) -> Rates | None:
    rate = parse_rate(text)
    return Rates(rate) if rate else None


def _refuse_if(wait_s: float, rate: str, detail: str) -> None:
    if wait_s > 0:
        REFUSED.labels(rate).inc()
        raise TooMany(f"{detail} Try again in a moment.", retry_after_s=wait_s)
