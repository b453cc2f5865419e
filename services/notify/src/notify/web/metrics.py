"""`/metrics`: what the worker leaves in the database is counted here, where Prometheus asks."""

from collections.abc import Iterator

from litestar import Response, get
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kit.requests import AnyRequest
from notify.domain.delivery import OPEN
from notify.domain.pausing import PAUSES_S
from notify.usecases.read_figures import Figures, read_figures
from notify.web.inbound_metrics import show_inbound
from notify.web.wiring import wired


@get("/metrics", include_in_schema=False)
async def metrics(request: AnyRequest) -> Response[bytes]:
    await show_inbound(wired(request).pool)
    registry = CollectorRegistry()
    registry.register(_Found(await read_figures(wired(request).pool)))
    return Response(generate_latest() + generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Found(Collector):
    """No label names a tenant or a person: so few series, however large the house."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        yield from self._waiting()
        yield from self._settled()
        paused = GaugeMetricFamily("notify_paused_servers", "Mail servers left in peace", labels=["cause"])
        for cause in PAUSES_S:
            paused.add_metric([cause], sum(pause.cause == cause for pause in self._figures.pauses))
        yield paused

    def _waiting(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("notify_waiting", "Mails and notices not yet done, by state", labels=["state"])
        oldest = GaugeMetricFamily("notify_waiting_oldest_seconds", "Age of the oldest of them", labels=["state"])
        counts = {count.state: count for count in self._figures.open}
        for state in (*sorted(OPEN), "notice"):
            found = counts.get(state)
            waiting.add_metric([state], found.count if found else 0)
            oldest.add_metric([state], found.oldest_age_s if found else 0)
        yield from (waiting, oldest)

    def _settled(self) -> Iterator[Metric]:
        mails = CounterMetricFamily("notify_mails", "Mails settled, by kind and state", labels=["kind", "state"])
        tries = CounterMetricFamily("notify_tries", "Tries that these took", labels=["kind", "state"])
        for total in self._figures.totals:
            mails.add_metric([total.kind, total.state], total.mails)
            tries.add_metric([total.kind, total.state], total.tries)
        yield from (mails, tries)
