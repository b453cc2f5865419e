"""`/metrics`: what the worker leaves in the database is counted here, where Prometheus asks."""

from typing import Any

from litestar import Request, Response, get
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from notify.domain.delivery import OPEN
from notify.usecases.count_inbound import count_inbound
from notify.usecases.count_open import count_open
from notify.web.wiring import wired

_WAITING = Gauge("notify_waiting", "Mails and notices not yet done, by state", ["state"])
_INBOUND = Gauge("notify_inbound_mails", "Mails taken from the mailbox, of 90 days", ["verdict", "reason"])
_OLDEST = Gauge("notify_waiting_oldest_seconds", "Age of the oldest of them", ["state"])


@get("/metrics", include_in_schema=False)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    counts = {entry.state: entry for entry in await count_open(wired(request).pool)}
    for state in (*OPEN, "notice"):
        found = counts.get(state)
        _WAITING.labels(state).set(found.count if found else 0)
        _OLDEST.labels(state).set(found.oldest_age_s if found else 0)
    for mails in await count_inbound(wired(request).pool):
        _INBOUND.labels(mails.verdict, mails.reason).set(mails.count)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
