"""PayPal's certificates, fetched once each, and rarely for whoever merely claims to be PayPal.

Anybody can send a webhook, and its `cert_url` is read before its signature can be. So what it makes us do is bounded:
each address is asked by one request at a time, one that failed is let alone for a minute, and new ones share a rate.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

import httpx
import msgspec
from cryptography import x509

from kit.rates import Rate, Rates
from payment.gateways.gateway import GatewayUnavailable, WebhookInvalid

CERTIFICATE_BYTES_MAX = 65_536
CERTIFICATES_MAX = 16
FAILURES_MAX = 64
FAILURE_AGE_MAX_S = 60
FETCHES = Rate(per_minute=10, burst=10)  # of true ones there are few, and they change rarely

Chain = list[x509.Certificate]
Found = TypeVar("Found")


class _Failure(msgspec.Struct, frozen=True):
    """`retryable`: PayPal did not answer, so that the same webhook may be right when it comes again."""

    cause: str
    until: float
    retryable: bool


class Certificates:
    """Of one process. `seconds` never goes back."""

    def __init__(self, http: httpx.AsyncClient, seconds: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._seconds = seconds
        self._chains: OrderedDict[str, Chain] = OrderedDict()
        self._failures: OrderedDict[str, _Failure] = OrderedDict()
        self._fetching: dict[str, asyncio.Task[Chain | _Failure]] = {}
        self._rates = Rates(FETCHES)

    async def find(self, url: str) -> Chain:
        """Raises WebhookInvalid, or GatewayUnavailable when it cannot be fetched now."""
        if url in self._chains:
            self._chains.move_to_end(url)
            return self._chains[url]
        found: Chain | _Failure | None = self._recent_failure(url)
        if found is None:
            found = await asyncio.shield(self._fetching.get(url) or self._begin(url))
        if not isinstance(found, _Failure):
            return found
        if found.retryable:
            raise GatewayUnavailable("no_certificate", found.cause)
        raise WebhookInvalid(f"no certificate at cert_url: {found.cause}")

    def _recent_failure(self, url: str) -> _Failure | None:
        failure = self._failures.get(url)
        return failure if failure and self._seconds() < failure.until else None

    def _begin(self, url: str) -> asyncio.Task[Chain | _Failure]:
        """Shared by all who ask meanwhile; it goes on when the first of them hangs up."""
        if self._rates.take("all", self._seconds()) > 0:
            raise GatewayUnavailable("no_certificate", "too many unknown addresses")
        task = self._fetching[url] = asyncio.create_task(self._fetch(url))
        task.add_done_callback(lambda _: self._fetching.pop(url))
        return task

    async def _fetch(self, url: str) -> Chain | _Failure:
        found = await self._ask(url)
        if isinstance(found, _Failure):
            _keep(self._failures, url, found, FAILURES_MAX)
        else:
            _keep(self._chains, url, found, CERTIFICATES_MAX)
        return found

    async def _ask(self, url: str) -> Chain | _Failure:
        try:
            response = await self._http.get(url, follow_redirects=False)
        except httpx.HTTPError as error:
            return self._failure(type(error).__name__, retryable=True)
        if response.status_code != 200:
            return self._failure(f"http_{response.status_code}", retryable=response.status_code >= 500)
        if len(response.content) > CERTIFICATE_BYTES_MAX:
            return self._failure("too long", retryable=False)
        try:
            return x509.load_pem_x509_certificates(response.content)
        except ValueError:
            return self._failure("not PEM", retryable=False)

    def _failure(self, cause: str, *, retryable: bool) -> _Failure:
        return _Failure(cause, self._seconds() + FAILURE_AGE_MAX_S, retryable)


def _keep(kept: OrderedDict[str, Found], url: str, found: Found, limit: int) -> None:
    """In place of what was not asked for longest."""
    kept[url] = found
    kept.move_to_end(url)
    if len(kept) > limit:
        kept.popitem(last=False)
