"""What the sandbox is told to do wrong, for everybody or for one account, until told otherwise or used up."""

from typing import Annotated, Literal

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
Webhooks = Literal["on", "off", "duplicate", "reverse"]
REVERSE_WITHIN_S = 2.0
REVERSE_STEP_S = 0.1


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The counts are of API calls yet to fail: commands (POST) before or after their effect, and reads."""

    latency_ms: Count = 0
    slow_calls: Count = 0
    """So many calls are slow; 0: all of them, while `latency_ms` says so."""
    fail_before: Count = 0
    fail_after: Count = 0
    fail_reads: Count = 0
    """The three answer 503 at once."""
    timeout_before: Count = 0
    timeout_after: Count = 0
    timeout_s: Count = 30
    """The two keep the caller waiting for so long, and answer 504 then."""
    webhooks: Webhooks = "on"
    """`off`: events are recorded and never sent. `duplicate`: each is sent twice. `reverse`: what happens within two
    seconds is sent backwards."""
    webhook_delay_s: Count = 0
    webhook_events: Count = 0
    """So many events are told in that way; 0: all of them, until told otherwise."""


FailureKind = Literal["fail_before", "fail_after", "fail_reads", "timeout_before", "timeout_after"]


def spend(faults: Faults, kind: FailureKind) -> Faults | None:
    """What is left after one more such failure; None: there is none to come."""
    left: int = getattr(faults, kind)
    return msgspec.structs.replace(faults, **{kind: left - 1}) if left else None


def spend_slowness(faults: Faults) -> Faults:
    """After one more slow call."""
    if faults.slow_calls == 1:
        return msgspec.structs.replace(faults, slow_calls=0, latency_ms=0)
    return msgspec.structs.replace(faults, slow_calls=max(0, faults.slow_calls - 1))


def spend_event(faults: Faults) -> Faults:
    """After one more event."""
    if faults.webhook_events == 1:
        return msgspec.structs.replace(faults, webhook_events=0, webhooks="on", webhook_delay_s=0)
    return msgspec.structs.replace(faults, webhook_events=max(0, faults.webhook_events - 1))


def sendings(faults: Faults, waiting: int) -> list[float]:
    """In how many seconds to send the next event, once for each time. `waiting`: webhooks of this account yet to go."""
    match faults.webhooks:
        case "off":
            return []
        case "on":
            return [faults.webhook_delay_s]
        case "duplicate":
            return [faults.webhook_delay_s] * 2
        case "reverse":
            return [faults.webhook_delay_s + max(0.0, REVERSE_WITHIN_S - waiting * REVERSE_STEP_S)]
