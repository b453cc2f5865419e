from typing import Any, cast

from nats.js import JetStreamContext
from nats.js.api import StreamConfig

from kit.events import ensure_stream


class Cluster:
    """What of a JetStream cluster is asked here: one server alone has no replicas to set."""

    def __init__(self) -> None:
        self.config = StreamConfig(name="BOOKING", num_replicas=3)

    async def stream_info(self, _: str) -> Any:
        return self

    async def update_stream(self, config: StreamConfig) -> None:
        self.config = config


async def test_a_worker_that_starts_leaves_the_operators_replicas() -> None:
    cluster = Cluster()
    await ensure_stream(cast("JetStreamContext", cluster), "BOOKING", ["booking.>"])
    assert (cluster.config.num_replicas, cluster.config.subjects) == (3, ["booking.>"])
