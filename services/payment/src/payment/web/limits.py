"""Rates: of each API key and client certificate, and of wrong keys and tokens by the client that tries them.

Counted in each web worker's memory, as booking does (kit/rates.py). A key's requests count once the key was found true:
its prefix is no secret, and nobody shall use up another's. For the same reason a true key is never refused for the
wrong ones that came from its address: portals share one, and who guesses meets 128 bits and more.
"""

import time

from prometheus_client import Counter

from kit.rates import Rates, parse_rate
from kit.requests import AnyConnection
from kit.web.client import client_of
from payment.domain.errors import TooMany
from payment.settings import Settings

REFUSED = Counter("payment_requests_refused", "Requests refused by a rate", ["rate"])


class Limits:
    def __init__(self, settings: Settings) -> None:
        self._keys = _rates(settings.rate_key)
        self._failures = _rates(settings.rate_failures)
        self._proxies = settings.trusted_proxies

    def count_failure(self, connection: AnyConnection) -> None:
        """Of a key or token that turned out wrong: guessing looks like that. Raises TooMany."""
        if self._failures:
            wait_s = self._failures.take(client_of(connection, self._proxies), time.monotonic())
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


def _rates(text: str) -> Rates | None:
    rate = parse_rate(text)
    return Rates(rate) if rate else None


def _refuse_if(wait_s: float, rate: str, detail: str) -> None:
    if wait_s > 0:
        REFUSED.labels(rate).inc()
        raise TooMany(f"{detail} Try again in a moment.", retry_after_s=wait_s)
