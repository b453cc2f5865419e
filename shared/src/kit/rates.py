"""Rates by key, in this process's memory: a bucket of `burst` requests that fills up again at a steady pace.

One number a key is kept, the instant at which its bucket will be full (GCRA, as in ATM's traffic contracts): a look
costs less than a microsecond, and a key that was quiet is forgotten without a trace.
"""

import re
from collections.abc import Hashable
from itertools import islice

import msgspec

KEYS_MAX = 50_000


class Rate(msgspec.Struct, frozen=True):
    per_minute: int
    burst: int


def parse_rate(text: str) -> Rate | None:
    """`120/60`: 120 a minute, 60 of them at once; `off`: no limit. Raises ValueError."""
    if text == "off":
        return None
    match = re.fullmatch(r"([1-9]\d{0,6})/([1-9]\d{0,6})", text)
    if match is None:
        raise ValueError(f"expected PER_MINUTE/BURST or off, got {text!r}")
    return Rate(int(match[1]), int(match[2]))


class Rates:
    """`take` gets the present from the caller, in seconds of a clock that never goes back."""

    def __init__(self, rate: Rate, keys_max: int = KEYS_MAX) -> None:
        self._pace_s = 60 / rate.per_minute
        self._slack_s = self._pace_s * (rate.burst - 1)
        self._keys_max = keys_max
        self._full_at: dict[Hashable, float] = {}

    def take(self, key: Hashable, now: float) -> float:
        """Seconds until there is room for one more; 0: there was, and it is taken."""
        full_at = max(self._full_at.get(key, now), now)
        wait_s = full_at - now - self._slack_s
        if wait_s > 0:
            return wait_s
        if len(self._full_at) >= self._keys_max:
            self._forget(now)
        self._full_at[key] = full_at + self._pace_s
        return 0.0

    def _forget(self, now: float) -> None:
        """Those whose bucket is full; if a flood of new keys leaves too many, the older half goes with them."""
        self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        if len(self._full_at) >= self._keys_max:
            self._full_at = dict(islice(self._full_at.items(), self._keys_max // 2, None))
