"""What the sandbox is told to do wrong, until it is told otherwise or the count is used up."""

from typing import Annotated, Literal

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=10_000)]


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The counts are of API calls yet to fail with 503: commands (POST) before or after their effect, and reads."""

    latency_ms: Count = 0
    fail_before: Count = 0
    fail_after: Count = 0
    fail_reads: Count = 0
    webhooks: Literal["on", "off", "duplicate"] = "on"
    """`off`: events are recorded and never sent. `duplicate`: each is sent twice."""
    webhook_delay_s: Count = 0
