"""`/metrics`: what the worker leaves in the database is counted here, where Prometheus asks."""

from typing import Any

from litestar import Request, Response, get
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from notify.domain.delivery import OPEN
from notify.usecases.count_open import count_open
from notify.web.inbound_metrics import show_inbound
from notify.web.wiring import wired

_WAITING = Gauge("notify_waiting", "Mails and notices not yet done, by state", ["state"])
_OLDEST = Gauge("notify_waiting_oldest_seconds", "Age of the oldest of them", ["state"])


@get("/metrics", include_in_schema=False)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    counts = {entry.state: entry for entry in await count_open(wired(request).pool)}
    for state in (*OPEN, "notice"):
        found = counts.get(state)
        _WAITING.labels(state).set(found.count if found else 0)
        _OLDEST.labels(state).set(found.oldest_age_s if found else 0)
    await show_inbound(wired(request).pool)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
